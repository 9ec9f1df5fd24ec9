package gill.web.api;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;

/// An endpoint of the API.
///
/// @param path as the router reads it: `{name}` is one segment, `<name>` may hold slashes
record Route(HandlerType method, String path, Handler handler) {
  static Route get(String path, Handler handler) {
    return new Route(HandlerType.GET, path, handler);
  }

  static Route post(String path, Handler handler) {
    return new Route(HandlerType.POST, path, handler);
  }
}
