package gill.engine.dialogue;

import gill.engine.flow.ImageRecord;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a request wants of a thing beside its name: a colour, a number, a ground, other things at
/// its side. These are what a corpus of single things most often lacks.
///
/// @param colours of the thing
/// @param numbers of things, in words and digits
/// @param words all of them
record Asked(
    Set<String> colours, Set<String> numbers, boolean ground, boolean relation, Set<String> words) {
  private static final Pattern GROUND =
      Pattern.compile(
          ",? (?:(?:on|against|with|in front of) )?(?:(?:an?|the) )?(?:pale |light |dark )?"
              + ScenePlan.COLOUR
              + " (?:back)?ground|(?:back)?ground (?:\\w+ )?"
              + ScenePlan.COLOUR
              + "| on "
              + ScenePlan.COLOUR
              + "(?=$|[.,!?;]| for | please)");
  private static final Pattern RELATION =
      Pattern.compile(
          " (?:left of|right of|above|over|on top of|below|under|underneath|beneath|next to"
              + "|beside|on the left|on the right|at the top|at the bottom) ?");
  private static final Pattern LIST =
      Pattern.compile("\\p{L},? (?:and|with|&) (?:an? |the )?\\p{L}");

  /// Letters that two forms of a word share at least.
  private static final int STEM = 5;

  /// Numbers that pictures' names have for other reasons are not looked for: one, ten, twelve.
  static final Set<String> NUMBERS =
      Set.of(
          "two", "three", "four", "five", "six", "seven", "eight", "nine", "2", "3", "4", "5", "6",
          "7", "8", "9", "couple", "pair");

  static Asked of(String request) {
    String text = " " + request.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").strip();
    boolean ground = GROUND.matcher(text).find();
    String things = GROUND.matcher(text).replaceAll(" ");
    Set<String> words = words(things);
    return new Asked(
        common(words, ScenePlan.COLOURS),
        common(words, NUMBERS),
        ground,
        RELATION.matcher(text + " ").find(),
        words);
  }

  /// Whether the request may name several things.
  static boolean lists(String request) {
    return LIST.matcher(request.toLowerCase(Locale.ROOT)).find();
  }

  /// Whether a colour is asked for that the image's words do not say and the image is not made of.
  boolean colourUnmet(ImageRecord image) {
    if (colours.isEmpty()) {
      return false;
    }
    Set<String> said = described(image);
    return colours.stream()
        .anyMatch(colour -> !said.contains(colour) && !image.colours().equals(List.of(colour)));
  }

  /// How many of the looks that the request wants the image has: its colour, and the style that the
  /// corpus says it is drawn in ("an outline of a cat" wants "outlined icon").
  int looks(ImageRecord image) {
    boolean coloured = !colours.isEmpty() && !colourUnmet(image);
    boolean styled =
        words(image.style()).stream()
            .anyMatch(style -> words.stream().anyMatch(word -> alike(word, style)));
    return (coloured ? 1 : 0) + (styled ? 1 : 0);
  }

  /// Forms of one word: outline, outlined; render, rendered, rendering; photo, photograph.
  private static boolean alike(String one, String other) {
    int shorter = Math.min(one.length(), other.length());
    return one.equals(other)
        || shorter >= STEM && one.substring(0, shorter).equals(other.substring(0, shorter));
  }

  boolean countUnmet(ImageRecord image) {
    Set<String> said = described(image);
    return numbers.stream().anyMatch(number -> !said.contains(number));
  }

  boolean groundUnmet(ImageRecord image) {
    return ground && !described(image).contains("background");
  }

  private static Set<String> described(ImageRecord image) {
    return Stream.concat(Stream.of(image.caption()), image.keywords().stream())
        .flatMap(text -> words(text).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Set<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Set<String> common(Set<String> one, Set<String> other) {
    Set<String> both = new HashSet<>(one);
    both.retainAll(other);
    return Set.copyOf(both);
  }
}
