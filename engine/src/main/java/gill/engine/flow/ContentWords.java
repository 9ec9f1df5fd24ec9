package gill.engine.flow;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The words of a request that name things, and whether a text has them; the rules are those of
/// docs/model-bundle-format.md, which the decision head was trained with.
public final class ContentWords {
  static final Set<String> STOP_WORDS =
      Arrays.stream(
              """
              a an the of in on at to for from with and or is are be it its this that these those i
              you he she we they me my your our us can could would will do does did have has want
              need like love see show draw paint make create generate find give get look looks bring
              search picture pictures image images photo icon drawing emoji please now one ones some
              any what how about know let there here something thing not no very
              """
                  .strip()
                  .split("\\s+"))
          .collect(Collectors.toUnmodifiableSet());

  private ContentWords() {}

  /// The distinct content words of a request, in order.
  public static Set<String> of(String request) {
    return words(request)
        .filter(word -> !STOP_WORDS.contains(word))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// The share of the request's content words that occur in the texts, a final `s` or `es` on
  /// either side aside. 1 if the request has no content words.
  static double shareFound(String request, Stream<String> texts) {
    Set<String> wanted = of(request);
    if (wanted.isEmpty()) {
      return 1;
    }
    Set<String> said = new HashSet<>();
    texts.flatMap(ContentWords::words).forEach(word -> said.addAll(forms(word)));
    return wanted.stream().filter(word -> forms(word).stream().anyMatch(said::contains)).count()
        / (double) wanted.size();
  }

  /// The share of the request's content words that occur in an image's caption, keywords or names.
  public static double shareFound(String request, ImageRecord image) {
    return shareFound(
        request,
        Stream.of(
                Stream.of(image.caption()),
                image.keywords().stream(),
                image.names().values().stream())
            .flatMap(texts -> texts));
  }

  private static Stream<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
        .filter(word -> !word.isEmpty());
  }

  /// The word, without a final `s`, without a final `es`.
  private static List<String> forms(String word) {
    Stream<String> endings = Stream.of("", "s", "es").filter(word::endsWith);
    return endings
        .map(ending -> word.substring(0, word.length() - ending.length()))
        .filter(form -> !form.isEmpty())
        .toList();
  }
}
