package gill.engine.retrieval;

import gill.engine.flow.ImageRecord;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.lucene.index.Term;

/// Names images to be taken out: one by its id, all copies of a file by its SHA-256, or all that
/// came from one address.
///
/// @param value an id as in the index, 64 hexadecimal digits, or the address exactly as in the
///   image's metadata (`source_url`, `url` or `attribution`)
public record ImageSelector(Kind kind, String value) {
  private static final List<String> URL_KEYS = List.of("source_url", "url", "attribution");

  /// By what images are named; the constant's lower case is its name in files and options.
  public enum Kind {
    ID,
    SHA256,
    URL
  }

  public ImageSelector {
    value = value.strip();
    if (kind == Kind.SHA256) {
      value = value.toLowerCase(Locale.ROOT);
      if (!value.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            "a SHA-256 has 64 hexadecimal digits, got \"" + value + "\"");
      }
    }
    if (value.isEmpty() || value.length() > FilterFields.MOST_CHARACTERS || value.contains("\n")) {
      throw new IllegalArgumentException(
          "an image's "
              + kind.name().toLowerCase(Locale.ROOT)
              + " is one line of 1 to "
              + FilterFields.MOST_CHARACTERS
              + " characters, got "
              + value.length());
    }
  }

  /// The addresses an image came from.
  static List<String> urls(ImageRecord image) {
    return URL_KEYS.stream()
        .map(image.metadata()::get)
        .filter(Objects::nonNull)
        .flatMap(Stream::of)
        .distinct()
        .toList();
  }

  /// The terms of the index of which the named images hold one.
  List<Term> terms() {
    return switch (kind) {
      case ID -> List.of(term("id"));
      case SHA256 -> List.of(term("sha256"));
      case URL -> URL_KEYS.stream().map(key -> term(FilterFields.METADATA + key)).toList();
    };
  }

  private Term term(String field) {
    return new Term(IndexFormat.keywordField(field), value);
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + " " + value;
  }
}
