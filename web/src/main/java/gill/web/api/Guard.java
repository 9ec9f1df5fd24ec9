package gill.web.api;

import gill.web.access.ApiKeys;
import gill.web.access.RateLimits;
import gill.web.access.Scope;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Lets a request pass if its key allows it and its caller has not asked too often. A caller is a
/// key, or where none is asked for, an address. Wrong keys count against the address.
final class Guard {
  private static final String BEARER = "Bearer ";

  private final Optional<ApiKeys> keys;
  private final RateLimits limits;

  Guard(Optional<ApiKeys> keys, RateLimits limits) {
    this.keys = keys;
    this.limits = limits;
  }

  /// @param counted whether the request counts against the rate: files and lists do not
  void check(Context ctx, Scope needed, boolean counted) {
    String address = "address " + ctx.ip();
    if (keys.isEmpty() || !keys.get().required()) {
      if (counted) {
        take(ctx, address);
      }
      return;
    }
    @Nullable String header = ctx.header("Authorization");
    Optional<ApiKeys.Key> key =
        header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
            ? keys.get().find(header.substring(BEARER.length()).strip())
            : Optional.empty();
    if (key.isEmpty()) {
      take(ctx, address);
      ctx.header("WWW-Authenticate", "Bearer");
      throw new Problem(
          401,
          header == null ? "missing_key" : "wrong_key",
          header == null
              ? "This server asks for a key; send the header Authorization: Bearer KEY."
              : "The key is not known (any more); ask for another one.");
    }
    if (!key.get().allows(needed)) {
      throw new Problem(
          403,
          "scope_missing",
          "This needs a key of the scope "
              + needed.name().toLowerCase(Locale.ROOT)
              + ", the key "
              + Fields.quote(key.get().name())
              + " has "
              + key.get().scope().name().toLowerCase(Locale.ROOT)
              + ".");
    }
    if (counted) {
      take(ctx, "key " + key.get().name());
    }
  }

  private void take(Context ctx, String caller) {
    Duration wait = limits.take(caller);
    if (!wait.isZero()) {
      long seconds = Math.max(1, (wait.toMillis() + 999) / 1000);
      ctx.header("Retry-After", Long.toString(seconds));
      throw new Problem(
          429, "too_many_requests", "Too many requests; try again in " + seconds + " s.");
    }
  }
}
