package gill.web.api;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Lets a browser hold a key: a page cannot add a header to the pictures it shows, so the key
/// travels in a cookie that scripts cannot read and other sites cannot use.
final class KeyApi {
  private static final int COOKIE_SECONDS = 30 * 24 * 3600;

  private final Service service;
  private final Guard guard;

  KeyApi(Service service, Guard guard) {
    this.service = service;
    this.guard = guard;
  }

  /// @param required whether this server asks for a key
  /// @param name of the key that came with the request; absent = none, or not a known one
  record KeyState(boolean required, @Nullable String name, @Nullable String scope) {}

  void state(Context ctx) {
    ctx.json(
        guard
            .keyOf(ctx)
            .map(key -> new KeyState(true, key.name(), key.scope().name().toLowerCase(Locale.ROOT)))
            .orElse(new KeyState(guard.keysRequired(), null, null)));
  }

  /// Checks the key before it is kept.
  void keep(Context ctx) {
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    Optional<String> secret = fields.text("key");
    fields.done();
    if (secret.isEmpty()) {
      throw Problem.missing("key", "key is missing; send the key that ./gill keys create said.");
    }
    guard.checkSecret(ctx, secret.get().strip());
    set(ctx, secret.get().strip(), COOKIE_SECONDS);
    ctx.status(204);
  }

  void forget(Context ctx) {
    set(ctx, "", 0);
    ctx.status(204);
  }

  private static void set(Context ctx, String value, int seconds) {
    Cookie cookie = new Cookie(Guard.COOKIE, value);
    cookie.setMaxAge(seconds);
    cookie.setPath("/");
    cookie.setHttpOnly(true);
    cookie.setSecure(ctx.scheme().equals("https"));
    cookie.setSameSite(SameSite.STRICT);
    ctx.cookie(cookie);
  }
}
