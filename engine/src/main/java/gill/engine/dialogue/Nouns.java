package gill.engine.dialogue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// Just enough English to meet a picture's name: "three slices of pizza" asks for a slice of pizza.
final class Nouns {
  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("mice", "mouse"),
          Map.entry("geese", "goose"),
          Map.entry("leaves", "leaf"),
          Map.entry("wolves", "wolf"),
          Map.entry("knives", "knife"),
          Map.entry("men", "man"),
          Map.entry("women", "woman"),
          Map.entry("children", "child"),
          Map.entry("feet", "foot"),
          Map.entry("teeth", "tooth"),
          Map.entry("buses", "bus"),
          Map.entry("octopuses", "octopus"),
          Map.entry("cactuses", "cactus"));
  private static final Set<String> SMALL = Set.of("a", "an", "the", "of", "with", "in", "and");

  private Nouns() {}

  /// The phrase with its main noun in the singular.
  static String singular(String phrase) {
    return withNoun(phrase, Nouns::singularWord);
  }

  /// The phrase with its main noun in the plural.
  static String plural(String phrase) {
    return withNoun(phrase, Nouns::pluralWord);
  }

  private static String withNoun(String phrase, UnaryOperator<String> change) {
    int of = phrase.indexOf(" of ");
    String head = of < 0 ? phrase : phrase.substring(0, of);
    int last = head.lastIndexOf(' ') + 1;
    return head.substring(0, last)
        + change.apply(head.substring(last))
        + (of < 0 ? "" : phrase.substring(of));
  }

  private static String pluralWord(String word) {
    for (Map.Entry<String, String> irregular : IRREGULAR.entrySet()) {
      if (irregular.getValue().equals(word)) {
        return irregular.getKey();
      }
    }
    if (word.matches(".+[^aeiou]y")) {
      return word.substring(0, word.length() - 1) + "ies";
    }
    return word + (word.matches(".+(?:ch|sh|x|s|to)") ? "es" : "s");
  }

  static String singularWord(String word) {
    String irregular = IRREGULAR.get(word);
    if (irregular != null) {
      return irregular;
    }
    if (word.endsWith("ies") && word.length() > 4) {
      return word.substring(0, word.length() - 3) + "y";
    }
    if (word.matches(".+(?:ch|sh|x|ss|to)es")) {
      return word.substring(0, word.length() - 2);
    }
    return word.matches(".{2,}[^su]s") ? word.substring(0, word.length() - 1) : word;
  }

  /// The words of a name that matter, each in the singular.
  static Set<String> words(String name) {
    return Arrays.stream(name.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
        .filter(word -> !word.isEmpty() && !SMALL.contains(word))
        .map(Nouns::singularWord)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// How well a picture's caption and keywords name what a phrase asks for: 1 where the caption
  /// says just that (and perhaps a colour), 0 where nothing does.
  static double named(String phrase, String caption, Iterable<String> keywords) {
    Set<String> asked = words(phrase);
    if (asked.isEmpty()) {
      return 0;
    }
    Set<String> said = new HashSet<>(words(caption));
    said.removeIf(word -> ScenePlan.COLOURS.contains(word) && !asked.contains(word));
    double best = said.containsAll(asked) ? 0.5 + 0.5 * asked.size() / said.size() : 0;
    for (String keyword : keywords) {
      if (words(keyword).equals(asked)) {
        best = Math.max(best, 0.5);
      }
    }
    return best;
  }
}
