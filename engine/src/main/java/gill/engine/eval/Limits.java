package gill.engine.eval;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// How many cases of a kind are run at most; 0 = all.
///
/// @param most of every suite that is not named
/// @param bySuite of these suites
public record Limits(int most, Map<String, Integer> bySuite) {
  public static final Limits NONE = new Limits(0, Map.of());

  public Limits {
    bySuite = Map.copyOf(bySuite);
    if (most < 0 || bySuite.values().stream().anyMatch(it -> it < 0)) {
      throw new IllegalArgumentException("a limit must be 0 (= all) or more");
    }
  }

  /// Reads `30` and `decision=200`, one or several.
  ///
  /// @throws IllegalArgumentException for anything else, saying what is wrong
  public static Limits parse(List<String> texts) {
    int most = 0;
    Map<String, Integer> bySuite = new HashMap<>();
    for (String text : texts) {
      String[] parts = text.strip().split("=", 2);
      int number = number(parts[parts.length - 1], text);
      if (parts.length == 1) {
        most = number;
      } else {
        bySuite.put(parts[0].strip(), number);
      }
    }
    return new Limits(most, bySuite);
  }

  private static int number(String digits, String text) {
    try {
      return Integer.parseInt(digits.strip());
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException(
          "a limit is a number, or a suite and a number such as decision=200, not '" + text + "'");
    }
  }

  int of(String suite) {
    return bySuite.getOrDefault(suite, most);
  }

  /// E.g. `, at most 30 cases of a kind, 200 in decision`; empty without limits.
  public String inWords() {
    if (most == 0 && bySuite.isEmpty()) {
      return "";
    }
    String named =
        new TreeMap<>(bySuite)
            .entrySet().stream()
                .map(it -> ", " + words(it.getValue()) + " in " + it.getKey())
                .collect(Collectors.joining());
    return ", at most " + words(most) + " cases of a kind" + named;
  }

  private static String words(int limit) {
    return limit == 0 ? "all" : Integer.toString(limit);
  }
}
