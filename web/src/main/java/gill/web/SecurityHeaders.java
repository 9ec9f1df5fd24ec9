package gill.web;

import gill.web.api.Problem;
import io.javalin.http.Context;
import java.util.Set;

/// Headers on every answer: the page may load nothing from elsewhere, run no inline script and not
/// be framed.
final class SecurityHeaders {
  private static final String POLICY =
      String.join(
          "; ",
          "default-src 'self'",
          "img-src 'self' data: blob:",
          "object-src 'none'",
          "base-uri 'none'",
          "form-action 'self'",
          "frame-ancestors 'none'");

  private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost", "[::1]", "::1");

  private SecurityHeaders() {}

  static boolean isLoopback(String host) {
    return LOCAL.contains(host);
  }

  /// Refuses a request under another name than this machine's own: a page elsewhere whose name was
  /// made to point here must not read a server that listens for this machine only.
  static void requireLocalHost(Context ctx) {
    String host = ctx.host() == null ? "" : ctx.host().replaceAll(":[0-9]+$", "");
    if (!LOCAL.contains(host)) {
      throw new Problem(
          403,
          "wrong_host",
          "This server answers under the names localhost and 127.0.0.1 only; start it with --host"
              + " to open it to others.");
    }
  }

  static void add(Context ctx) {
    ctx.header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
  }
}
