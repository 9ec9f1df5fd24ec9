package gill.indexer.fetch;

import crawlercommons.robots.BaseRobotRules;
import crawlercommons.robots.SimpleRobotRules;
import crawlercommons.robots.SimpleRobotRules.RobotRulesMode;
import crawlercommons.robots.SimpleRobotRulesParser;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// What hosts say about robots: their `robots.txt` (RFC 9309), fetched once each, and the
/// `X-Robots-Tag` of an answer. Safe for use by many threads.
final class Robots {
  private static final Set<String> OPT_OUTS =
      Set.of("noai", "noimageai", "noindex", "noimageindex", "none");

  private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

  /// What became of a request for `robots.txt`.
  ///
  /// @param status HTTP's; 0 if there was no answer
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Answer(int status, byte[] content) {}

  private final String robot;
  private final Function<URI, Answer> fetch;
  private final Map<String, BaseRobotRules> rules = new ConcurrentHashMap<>();

  /// @param robot our name, lower case
  /// @param fetch gets a `robots.txt`
  Robots(String robot, Function<URI, Answer> fetch) {
    this.robot = robot;
    this.fetch = fetch;
  }

  boolean allow(URI url) {
    return rules(url).isAllowed(url.toString());
  }

  /// Between two requests to the host.
  Duration delay(URI url) {
    Duration asked = Duration.ofMillis(Math.max(0, rules(url).getCrawlDelay()));
    return asked.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : asked;
  }

  private BaseRobotRules rules(URI url) {
    String host = url.getScheme() + "://" + url.getRawAuthority().toLowerCase(Locale.ROOT);
    return rules.computeIfAbsent(host, this::read);
  }

  /// Without a file everything is allowed; where the host cannot say, nothing is.
  private BaseRobotRules read(String host) {
    URI file = URI.create(host + "/robots.txt");
    Answer answer = fetch.apply(file);
    if (answer.status() >= 200 && answer.status() < 300) {
      return new SimpleRobotRulesParser()
          .parseContent(file.toString(), answer.content(), "text/plain", List.of(robot));
    }
    return new SimpleRobotRules(
        answer.status() >= 400 && answer.status() < 500
            ? RobotRulesMode.ALLOW_ALL
            : RobotRulesMode.ALLOW_NONE);
  }

  /// Whether the values of `X-Robots-Tag` forbid the use of a picture. A value may be for one robot
  /// alone: `otherbot: noai`.
  boolean optOut(List<String> tags) {
    for (String tag : tags) {
      String value = tag.toLowerCase(Locale.ROOT);
      int colon = value.indexOf(':');
      String named = colon < 0 ? "" : value.substring(0, colon).strip();
      if (!named.isEmpty() && !named.startsWith("unavailable_after")) {
        if (!named.equals(robot)) {
          continue;
        }
        value = value.substring(colon + 1);
      }
      for (String directive : value.split(",", -1)) {
        if (OPT_OUTS.contains(directive.strip())) {
          return true;
        }
      }
    }
    return false;
  }
}
