package gill.engine.dialogue;

import gill.engine.dialogue.Naming.Mention;
import gill.engine.flow.ImageRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The part of a request that names what is to be seen, told from the sentence around it by the
/// corpus' own names: "an owl above a pizza" in "Is there an owl above a pizza for the wall?".
final class RequestCore {
  private static final String ARTICLE = "an?|some|one|another";
  private static final String NUMBER =
      "two|three|four|five|six|seven|eight|nine|[2-9]|a pair of|a couple of";

  /// What stands before a thing that is asked for: an article or a number and at most two words
  /// more, or its colour and size.
  private static final Pattern BEFORE =
      Pattern.compile(
          "(?:\\b(?:"
              + ARTICLE
              + "|"
              + NUMBER
              + ") (?:[\\p{L}-]+ ){0,2}|\\b(?:(?:"
              + String.join("|", ScenePlan.COLOURS)
              + "|tiny|small|little|big|large|huge|cute|nice|beautiful) )+)$");

  private static final Pattern DEFINITE =
      Pattern.compile("\\b(?:the|this|that|these|those|my|your|his|her|our|their) $");

  /// What may stand between two things that belong together.
  private static final Pattern BETWEEN =
      Pattern.compile(
          "(?:,? and|,|,? and then| on the left(?: side)?(?:,| and|, and)| at the top(?:,| and|, and)"
              + "| (?:is |are |standing |sitting )?(?:(?:to |on )?(?:the )?(?:left|right) of|above|over"
              + "|on top of|below|under|underneath|beneath|next to|beside|together with))"
              + " (?:the |"
              + ARTICLE
              + " |(?:"
              + NUMBER
              + ") )?(?:(?:"
              + String.join("|", ScenePlan.COLOURS)
              + ") )*");

  private static final Pattern UNKNOWN =
      Pattern.compile(
          "^ (?:is |are |standing |sitting )?(?:(?:to |on )?(?:the )?(?:left|right) of|above|over"
              + "|on top of|below|under|underneath|beneath|next to|beside)"
              + " (?:(?:the|"
              + ARTICLE
              + "|"
              + NUMBER
              + ") )?[\\p{L} -]+");

  /// What may follow a thing and still says how it looks.
  private static final Pattern BEHIND =
      Pattern.compile(
          "^(?: on the (?:right|left)(?: side)?| at the (?:bottom|top))?"
              + "(?:(?:,| in| that is|, coloured|,? but(?: in)?) "
              + ScenePlan.COLOUR
              + "\\b)?");

  /// @param definite known already, like the page that the request stands on
  private record Thing(int start, int end, boolean introduced, boolean definite) {}

  private RequestCore() {}

  /// The request itself if it names nothing.
  ///
  /// @param images those whose names may be said in it, the likelier first
  static String of(String request, Collection<ImageRecord> images) {
    return find(request, images).orElse(request);
  }

  /// Empty if the request names nothing.
  static Optional<String> find(String request, Collection<ImageRecord> images) {
    String text = request.toLowerCase(Locale.ROOT);
    List<Thing> things = things(text, images);
    if (things.isEmpty()) {
      return Optional.empty();
    }
    List<Thing> best = List.of();
    List<Thing> joined = new ArrayList<>();
    for (Thing thing : things) {
      if (!joined.isEmpty() && !between(text, joined.getLast(), thing)) {
        best = better(best, joined);
        joined = new ArrayList<>();
      }
      joined.add(thing);
    }
    best = better(best, joined);
    int end = withUnknown(text, best.getLast().end());
    Matcher behind = BEHIND.matcher(text.substring(end));
    end += behind.find() ? behind.end() : 0;
    Matcher ground = ScenePlan.GROUND.matcher(text.substring(end));
    end += ground.lookingAt() ? ground.end() : 0;
    return Optional.of(request.substring(best.getFirst().start(), end));
  }

  /// Goes on to a thing that the corpus does not know, where the words before it say how it stands
  /// to the known one: its place is left empty, but it has one.
  private static int withUnknown(String text, int end) {
    Matcher other = UNKNOWN.matcher(text.substring(end));
    return other.find() ? end + other.end() : end;
  }

  private static boolean between(String text, Thing one, Thing other) {
    return one.end() <= other.start()
        && (other.definite() || !one.definite())
        && BETWEEN.matcher(text.substring(one.end(), other.start())).matches();
  }

  /// Things that an article or a number introduces before others; then more of them; then later
  /// ones.
  private static List<Thing> better(List<Thing> one, List<Thing> other) {
    Comparator<List<Thing>> order =
        Comparator.<List<Thing>>comparingInt(
                it -> !it.isEmpty() && it.getFirst().introduced() ? 1 : 0)
            .thenComparingInt(List::size);
    return order.compare(other, one) >= 0 ? List.copyOf(other) : one;
  }

  /// The longest names said, in order, no two of them of the same words.
  private static List<Thing> things(String text, Collection<ImageRecord> images) {
    Naming naming = new Naming(text);
    Set<Mention> mentions = new HashSet<>();
    images.forEach(image -> {
      Mention mention = naming.of(image);
      if (mention.words() > 0 && mention.caption()) {
        mentions.add(mention);
      }
    });
    List<Mention> apart = new ArrayList<>();
    mentions.stream()
        .sorted(
            Comparator.comparingDouble(Mention::strength).reversed().thenComparing(Mention::from))
        .filter(mention -> apart.stream().noneMatch(mention::meets))
        .forEach(apart::add);
    apart.sort(Comparator.comparingInt(Mention::from));
    return apart.stream().map(mention -> thing(text, naming, mention)).toList();
  }

  private static Thing thing(String text, Naming naming, Mention mention) {
    int start = naming.start(mention);
    Matcher before = BEFORE.matcher(text.substring(0, start));
    int from = before.find() ? before.start() : start;
    return new Thing(
        from,
        naming.end(mention),
        from < start || from == 0,
        DEFINITE.matcher(text.substring(0, from)).find());
  }
}
