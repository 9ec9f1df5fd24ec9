package gill.engine.dialogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The things a request names and where each would stand: what a draft is laid out by.
///
/// Understands one thing; things joined by commas, "and", "next to"; left of, right of, above,
/// below; numbers up to nine. The places are those the generator was taught, as shares of the
/// picture's side.
///
/// @param slots one for every thing to be seen, so three cats are three slots
record ScenePlan(List<Slot> slots) {
  ScenePlan {
    slots = List.copyOf(slots);
  }

  /// A thing and its square.
  ///
  /// @param phrase the thing in the singular, e.g. `blue banana`
  /// @param thing the same without its colours; the colour's name if that is all there is
  record Slot(String phrase, String thing, double left, double top, double side) {}

  /// A phrase that is to be seen so many times.
  private record Group(String phrase, int count) {}

  private static final String MEDIUM =
      "picture|image|photo|photograph|icon|drawing|illustration|sticker|emoji|painting|sketch";
  private static final Pattern LEAD =
      Pattern.compile(
          "^(?:(?:please|now|ok|okay|hey|hi|hello|so|well|then)(?:[ ,]+|$)|(?:can|could|will|would) you "
              + "|(?:i|we)(?: would|'d)? (?:really )?(?:want|need|like|love) (?:you )?"
              + "(?:to (?:see|have|draw|paint|show|make) )?|let me (?:see|have) "
              + "|(?:draw|paint|show|make|create|generate|give|get|find|render|design|send) "
              + "(?:me |us )?|(?:a |an |the |some )?(?:small |little |nice |cute |simple )?(?:"
              + MEDIUM
              + ")s? (?:of|with|showing) )");
  private static final Pattern TAIL =
      Pattern.compile("(?: please|, (?:please|" + MEDIUM + "|flat|3d)|[.!?, ])+$");

  /// Said of a thing, never part of a picture's name.
  private static final Set<String> LOOKS =
      Set.of("tiny", "small", "little", "big", "large", "huge", "cute", "nice", "beautiful");

  static final Set<String> COLOURS =
      Set.of(
          "red",
          "orange",
          "yellow",
          "green",
          "blue",
          "purple",
          "violet",
          "pink",
          "black",
          "white",
          "brown",
          "gray",
          "grey",
          "golden",
          "turquoise");
  static final String COLOUR = "(?:" + String.join("|", COLOURS) + ")";
  static final Pattern GROUND =
      Pattern.compile(
          ",? (?:(?:on|against|with) (?:an? |the )?)?(?:pale |light |dark )?"
              + COLOUR
              + " (?:back)?ground| on "
              + COLOUR
              + "$");
  private static final Pattern COLOUR_BEHIND =
      Pattern.compile("(?:,| in| that is|, coloured|,? but(?: in)?) " + COLOUR + "$");
  private static final Pattern SIDES =
      Pattern.compile("^(.+) on the left(?: side)?(?:,| and|, and) (.+) on the right(?: side)?$");
  private static final Pattern LEVELS =
      Pattern.compile("^(.+) at the top(?:,| and|, and) (.+) at the bottom$");
  private static final Pattern RELATION =
      Pattern.compile(
          "^(.+?) (?:is |are |standing |sitting )?"
              + "(?<how>(?:to |on )?(?:the )?left of|(?:to |on )?(?:the )?right of|above|over"
              + "|on top of|below|under|underneath|beneath) (.+)$");
  private static final Pattern LIST =
      Pattern.compile(
          ",? and (?:then )?|, (?!" + COLOUR + "$)| next to | beside | & | together with ");
  private static final Pattern ARTICLE =
      Pattern.compile("^(?:an?|the|some|one|my|your|another) (?=.)");
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("two", 2),
          Map.entry("three", 3),
          Map.entry("four", 4),
          Map.entry("five", 5),
          Map.entry("six", 6),
          Map.entry("seven", 7),
          Map.entry("eight", 8),
          Map.entry("nine", 9),
          Map.entry("a pair of", 2),
          Map.entry("a couple of", 2));
  private static final int MOST = 9;

  /// The plan for a request; no slots if it names nothing.
  static ScenePlan of(String request) {
    String text = withoutFrame(request.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").strip());
    if (text.isEmpty()) {
      return new ScenePlan(List.of());
    }
    Matcher sides = SIDES.matcher(text);
    if (sides.matches()) {
      return pair(sides.group(1), sides.group(2), true);
    }
    Matcher levels = LEVELS.matcher(text);
    if (levels.matches()) {
      return pair(levels.group(1), levels.group(2), false);
    }
    Matcher relation = RELATION.matcher(text);
    if (relation.matches()) {
      String how = relation.group("how");
      boolean beside = how.endsWith(" of") && !how.equals("on top of");
      boolean first = how.contains("left") || Set.of("above", "over", "on top of").contains(how);
      return first
          ? pair(relation.group(1), relation.group(3), beside)
          : pair(relation.group(3), relation.group(1), beside);
    }
    return grid(groups(text));
  }

  /// The request as one thing, for names such as "bow and arrow".
  static ScenePlan single(String request) {
    String text = withoutFrame(request.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").strip());
    return grid(text.isEmpty() ? List.of() : List.of(new Group(phrase(text), 1)));
  }

  private static String withoutFrame(String request) {
    String text = request;
    String before;
    do {
      before = text;
      text = TAIL.matcher(LEAD.matcher(text).replaceFirst("")).replaceFirst("");
    } while (!text.equals(before));
    return GROUND.matcher(text).replaceFirst("").strip();
  }

  private static ScenePlan pair(String first, String second, boolean beside) {
    double at = beside ? 0 : 0.25;
    double other = 0.25 - at;
    return new ScenePlan(
        List.of(
            slot(phrase(first), at, other, 0.5),
            slot(phrase(second), beside ? 0.5 : at, beside ? other : 0.5, 0.5)));
  }

  private static List<Group> groups(String text) {
    List<Group> groups = new ArrayList<>();
    for (String part : LIST.split(text)) {
      if (!part.isBlank()) {
        groups.add(group(part.strip()));
      }
    }
    return groups;
  }

  private static Group group(String part) {
    for (Map.Entry<String, Integer> number : NUMBERS.entrySet()) {
      for (String said : List.of(number.getKey(), Integer.toString(number.getValue()))) {
        if (part.startsWith(said + " ")) {
          return new Group(
              Nouns.singular(phrase(part.substring(said.length() + 1))), number.getValue());
        }
      }
    }
    return new Group(phrase(part), 1);
  }

  /// A noun phrase with its colour in front and no article.
  private static String phrase(String part) {
    String text = ARTICLE.matcher(part.strip()).replaceFirst("");
    Matcher behind = COLOUR_BEHIND.matcher(text);
    if (behind.find()) {
      String colour = text.substring(text.lastIndexOf(' ') + 1);
      return colour + " " + text.substring(0, behind.start());
    }
    return text;
  }

  private static ScenePlan grid(List<Group> groups) {
    List<String> phrases = new ArrayList<>();
    groups.forEach(
        group -> phrases.addAll(java.util.Collections.nCopies(group.count(), group.phrase())));
    if (phrases.isEmpty() || phrases.size() > MOST) {
      return new ScenePlan(List.of());
    }
    double[][] places = places(phrases.size());
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < phrases.size(); i++) {
      slots.add(slot(phrases.get(i), places[i][0], places[i][1], side(phrases.size())));
    }
    return new ScenePlan(slots);
  }

  private static double side(int things) {
    return things == 1 ? 1 : things <= 4 ? 0.5 : 42 / 128.0;
  }

  /// Left and top of every thing's square.
  private static double[][] places(int things) {
    return switch (things) {
      case 1 -> new double[][] {{0, 0}};
      case 2 -> new double[][] {{0, 0.25}, {0.5, 0.25}};
      case 3 -> new double[][] {{0.25, 0}, {0, 0.5}, {0.5, 0.5}};
      case 4 -> new double[][] {{0, 0}, {0.5, 0}, {0, 0.5}, {0.5, 0.5}};
      case 5 -> in128(new int[][] {{22, 22}, {64, 22}, {1, 64}, {43, 64}, {85, 64}});
      case 6 -> in128(new int[][] {{1, 22}, {43, 22}, {85, 22}, {1, 64}, {43, 64}, {85, 64}});
      default -> nine();
    };
  }

  private static double[][] in128(int[][] pixels) {
    double[][] places = new double[pixels.length][2];
    for (int i = 0; i < pixels.length; i++) {
      places[i][0] = pixels[i][0] / 128.0;
      places[i][1] = pixels[i][1] / 128.0;
    }
    return places;
  }

  private static double[][] nine() {
    int[][] pixels = new int[MOST][2];
    for (int i = 0; i < MOST; i++) {
      pixels[i][0] = 1 + 42 * (i % 3);
      pixels[i][1] = 1 + 42 * (i / 3);
    }
    return in128(pixels);
  }

  private static Slot slot(String phrase, double left, double top, double side) {
    List<String> words =
        List.of(phrase.split(" ")).stream()
            .filter(word -> !COLOURS.contains(word) && !LOOKS.contains(word))
            .toList();
    return new Slot(phrase, words.isEmpty() ? phrase : String.join(" ", words), left, top, side);
  }
}
