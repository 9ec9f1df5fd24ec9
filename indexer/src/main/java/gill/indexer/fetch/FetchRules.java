package gill.indexer.fetch;

import java.time.Duration;
import java.util.Locale;

/// How pictures are fetched from the addresses of a list.
///
/// @param userAgent what the fetcher calls itself; its first word is looked for in `robots.txt` and
///   `X-Robots-Tag`
/// @param perHost connections to one host at a time
/// @param patience for a connection, and for each piece of an answer
/// @param deadline for a picture as a whole, redirects and waiting for the host's turn left out
/// @param maxRedirects followed for one picture
/// @param privateAddresses whether addresses of this machine and of private networks may be fetched
public record FetchRules(
    String userAgent,
    int perHost,
    Duration patience,
    Duration deadline,
    int maxRedirects,
    boolean privateAddresses) {
  public static final FetchRules DEFAULT =
      new FetchRules(
          "gill-indexer/1.0", 2, Duration.ofSeconds(10), Duration.ofSeconds(60), 5, false);

  public FetchRules {
    if (!userAgent.matches("[\\x21-\\x7e][\\x20-\\x7e]*")) {
      throw new IllegalArgumentException("the user agent must be printable ASCII text");
    }
    if (perHost < 1 || perHost > 64) {
      throw new IllegalArgumentException(
          "connections to one host must be in [1, 64], got " + perHost);
    }
  }

  /// The name that opt-outs are looked up by, lower case: `gill-indexer`.
  String robotName() {
    return userAgent.split("[/ ]", 2)[0].toLowerCase(Locale.ROOT);
  }

  public FetchRules withPrivateAddresses(boolean allowed) {
    return new FetchRules(userAgent, perHost, patience, deadline, maxRedirects, allowed);
  }

  public FetchRules withUserAgent(String name) {
    return new FetchRules(name, perHost, patience, deadline, maxRedirects, privateAddresses);
  }

  public FetchRules withPerHost(int connections) {
    return new FetchRules(
        userAgent, connections, patience, deadline, maxRedirects, privateAddresses);
  }

  FetchRules withTimes(Duration newPatience, Duration newDeadline) {
    return new FetchRules(
        userAgent, perHost, newPatience, newDeadline, maxRedirects, privateAddresses);
  }
}
