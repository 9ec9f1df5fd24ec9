package gill.web;

import gill.web.api.Limits;
import gill.web.api.Patience;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where the server listens and what it accepts.
///
/// @param host an address of this machine; the loopback address keeps others out
/// @param port 0 = any free port
/// @param state folder for what survives a restart (feedback) and for API keys; null = feedback is
///   forgotten and no key is asked for
/// @param requestsPerMinute of one key or address; 0 = no limit
/// @param kept folder for generated pictures that a reader accepted, which are then indexed too;
///   null = they are not
public record WebOptions(
    String host,
    int port,
    Limits limits,
    Patience patience,
    @Nullable Path state,
    int requestsPerMinute,
    @Nullable Path kept) {
  public static final WebOptions DEFAULT =
      new WebOptions("127.0.0.1", 7860, Limits.DEFAULT, null, 0);

  public WebOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is in [0, 65535], got " + port);
    }
  }

  /// Generated pictures are not kept.
  public WebOptions(
      String host, int port, Limits limits, @Nullable Path state, int requestsPerMinute) {
    this(host, port, limits, Patience.DEFAULT, state, requestsPerMinute, null);
  }

  public WebOptions withPort(int newPort) {
    return new WebOptions(host, newPort, limits, patience, state, requestsPerMinute, kept);
  }

  public WebOptions keeping(Path folder) {
    return new WebOptions(host, port, limits, patience, state, requestsPerMinute, folder);
  }

  public WebOptions with(Patience other) {
    return new WebOptions(host, port, limits, other, state, requestsPerMinute, kept);
  }
}
