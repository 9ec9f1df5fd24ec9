package gill.engine.dialogue;

import gill.engine.flow.ContentWords;
import gill.engine.flow.ImageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Where a request says the name of a picture: the corpus' own names are what tells the thing that
/// is wanted from the words around it, whatever sentence it stands in.
final class Naming {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
  private static final Set<String> ARTICLES = Set.of("a", "an", "the", "some");

  private final List<String> said = new ArrayList<>();
  private final List<Integer> starts = new ArrayList<>();
  private final List<Integer> ends = new ArrayList<>();

  Naming(String request) {
    Matcher word = WORD.matcher(request.toLowerCase(Locale.ROOT));
    while (word.find()) {
      if (!ARTICLES.contains(word.group())) {
        said.add(Nouns.singularWord(word.group()));
        starts.add(word.start());
        ends.add(word.end());
      }
    }
  }

  /// Where a mention begins in the request, in characters.
  int start(Mention mention) {
    return starts.get(mention.from());
  }

  /// Where a mention ends, exclusive.
  int end(Mention mention) {
    return ends.get(mention.from() + mention.words() - 1);
  }

  /// A name in a request.
  ///
  /// @param from the name's first word, counted in words that are no articles
  /// @param words how many; 0 = the request does not say the name
  /// @param caption the picture is called so; else it is one of its keywords
  record Mention(int from, int words, boolean caption) {
    static final Mention NONE = new Mention(0, 0, false);

    /// Longer names say more; a caption says more than a keyword of its length.
    double strength() {
      return words == 0 ? 0 : Math.min(words, 3) - (caption ? 0 : 0.5);
    }

    /// Whether both have a word in common.
    boolean meets(Mention other) {
      return from < other.from + other.words && other.from < from + words;
    }
  }

  /// The longest name of the picture that the request says; captions first. Colours in a caption
  /// that the request does not say are passed over: a red apple is an apple.
  Mention of(ImageRecord image) {
    Mention best = Mention.NONE;
    Stream<String> captions =
        Stream.concat(Stream.of(image.caption()), image.names().values().stream());
    for (String caption : captions.toList()) {
      best = stronger(best, of(caption, true));
    }
    for (String keyword : image.keywords()) {
      best = stronger(best, of(keyword, false));
    }
    return best;
  }

  private Mention of(String name, boolean caption) {
    List<String> words = words(name);
    if (caption && words.size() > 1) {
      words.removeIf(word -> ScenePlan.COLOURS.contains(word) && !said.contains(word));
    }
    if (words.isEmpty() || ContentWords.of(name).isEmpty() || onlySaysHow(words)) {
      return Mention.NONE;
    }
    Mention found = Mention.NONE;
    for (int from = 0; from + words.size() <= said.size(); from++) {
      if (said.subList(from, from + words.size()).equals(words)) {
        found = new Mention(from, words.size(), caption);
      }
    }
    return found;
  }

  /// A number or a colour beside other words says how a thing is wanted, it names none.
  private boolean onlySaysHow(List<String> words) {
    return said.size() > words.size()
        && words.stream()
            .allMatch(word -> ScenePlan.COLOURS.contains(word) || Asked.NUMBERS.contains(word));
  }

  private static Mention stronger(Mention one, Mention other) {
    return other.strength() > one.strength() ? other : one;
  }

  private static List<String> words(String name) {
    return new ArrayList<>(new Naming(name).said);
  }
}
