package gill.web.api;

import gill.web.access.Scope;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.Optional;

/// An endpoint of the API.
///
/// @param path as the router reads it: `{name}` is one segment, `<name>` may hold slashes
/// @param scope what a key must allow; empty = open to all
/// @param counted against the caller's rate
record Route(
    HandlerType method, String path, Optional<Scope> scope, boolean counted, Handler handler) {
  static Route get(String path, Handler handler) {
    return new Route(HandlerType.GET, path, Optional.of(Scope.READ), false, handler);
  }

  static Route post(String path, Handler handler) {
    return new Route(HandlerType.POST, path, Optional.of(Scope.READ), true, handler);
  }

  static Route delete(String path, Handler handler) {
    return new Route(HandlerType.DELETE, path, Optional.of(Scope.READ), true, handler);
  }

  static Route patch(String path, Handler handler) {
    return new Route(HandlerType.PATCH, path, Optional.of(Scope.READ), true, handler);
  }

  Route open() {
    return new Route(method, path, Optional.empty(), false, handler);
  }

  Route needs(Scope other) {
    return new Route(method, path, Optional.of(other), counted, handler);
  }

  Route withRate() {
    return new Route(method, path, scope, true, handler);
  }

  Handler guarded(Guard guard, Health health, Patience patience) {
    return ctx -> {
      Bodies.bear(ctx, patience);
      if (scope.isPresent()) {
        health.requireReady();
        guard.check(ctx, scope.get(), counted);
      }
      handler.handle(ctx);
    };
  }
}
