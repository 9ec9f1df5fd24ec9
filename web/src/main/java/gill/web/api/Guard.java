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
  /// The cookie that holds a browser's key.
  static final String COOKIE = "gill_key";

  private static final String OWNER = "key-name";
  private static final String BEARER = "Bearer ";

  private final Optional<ApiKeys> keys;
  private final RateLimits limits;

  Guard(Optional<ApiKeys> keys, RateLimits limits) {
    this.keys = keys;
    this.limits = limits;
  }

  /// @param counted whether the request counts against the rate: files and lists do not
  void check(Context ctx, Scope needed, boolean counted) {
    if (!keysRequired()) {
      if (counted) {
        take(ctx, "address " + ctx.ip());
      }
      return;
    }
    String secret = secret(ctx);
    Optional<ApiKeys.Key> key = keys.orElseThrow().find(secret);
    if (key.isEmpty()) {
      throw unknown(ctx, secret.isEmpty());
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
    ctx.attribute(OWNER, key.get().name());
    if (counted) {
      take(ctx, "key " + key.get().name());
    }
  }

  /// Whom what this request leaves behind belongs to: the name of its key; empty where none is
  /// asked for.
  static String owner(Context ctx) {
    @Nullable String name = ctx.attribute(OWNER);
    return name == null ? "" : name;
  }

  /// Whether the request's key allows `scope`; all is allowed where no key is asked for.
  boolean allows(Context ctx, Scope scope) {
    return !keysRequired() || keyOf(ctx).filter(key -> key.allows(scope)).isPresent();
  }

  boolean keysRequired() {
    return keys.isPresent() && keys.get().required();
  }

  /// The key of a request, if it is a known one.
  Optional<ApiKeys.Key> keyOf(Context ctx) {
    return keysRequired() ? keys.orElseThrow().find(secret(ctx)) : Optional.empty();
  }

  /// Refuses a key that is not known; each attempt counts against the address.
  void checkSecret(Context ctx, String secret) {
    if (!keysRequired()) {
      throw new Problem(409, "no_keys", "This server asks for no key; leave it out.");
    }
    if (keys.orElseThrow().find(secret).isEmpty()) {
      throw unknown(ctx, false);
    }
  }

  private Problem unknown(Context ctx, boolean none) {
    take(ctx, "address " + ctx.ip());
    ctx.header("WWW-Authenticate", "Bearer");
    return new Problem(
        401,
        none ? "missing_key" : "wrong_key",
        none
            ? "This server asks for a key; send the header Authorization: Bearer KEY."
            : "The key is not known (any more); ask for another one.");
  }

  // The header goes before the cookie; empty = neither.
  private static String secret(Context ctx) {
    @Nullable String header = ctx.header("Authorization");
    if (header != null) {
      return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? header.substring(BEARER.length()).strip()
          : header;
    }
    @Nullable String cookie = ctx.cookie(COOKIE);
    return cookie == null ? "" : cookie;
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
