package gill.web.api;

import java.time.Duration;

/// How long the server bears with clients that are slow or lost.
///
/// @param idle how long a connection may be still while the server reads from it or writes to it
/// @param bytesPerSecond at which a request's body must come, at least
/// @param stream how long a resumable answer outlives its last reader
public record Patience(Duration idle, long bytesPerSecond, Duration stream) {
  public static final Patience DEFAULT =
      new Patience(Duration.ofSeconds(30), 1024, Duration.ofSeconds(30));

  /// Whether so many bytes of a body took too long. What comes within `idle` is never too slow.
  boolean isExhausted(long bytes, Duration taken) {
    return taken.compareTo(idle.plusMillis(1000 * bytes / bytesPerSecond)) > 0;
  }
}
