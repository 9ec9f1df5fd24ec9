package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.lucene.index.Term;

/// Names images to be taken out: one by its id, all copies of a file by its SHA-256, all that look
/// the same by the perceptual hash, or all that came from one address.
///
/// @param value an id as in the index, 64 hexadecimal digits, the 32 of a [PictureHash] (images
///   that differ from it in at most [#NEAR] of its 128 bits are meant), or the address exactly as
///   in the image's metadata (`source_url`, `url` or `attribution`)
public record ImageSelector(Kind kind, String value) {
  private static final List<String> URL_KEYS = List.of("source_url", "url", "attribution");

  /// By what images are named; the constant's lower case is its name in files and options.
  public enum Kind {
    ID,
    SHA256,
    PHASH,
    URL
  }

  /// Bits in which perceptual hashes of one picture, scaled or compressed anew, may differ.
  public static final int NEAR = 8;

  public ImageSelector {
    value = value.strip();
    if (kind == Kind.SHA256) {
      value = value.toLowerCase(Locale.ROOT);
      if (!value.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            "a SHA-256 has 64 hexadecimal digits, got \"" + value + "\"");
      }
    }
    if (kind == Kind.PHASH) {
      value = PictureHash.parse(value).hex();
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

  /// Whether it names an image that is described so.
  boolean names(ImageRecord image) {
    return switch (kind) {
      case ID -> image.id().value().equals(value);
      case SHA256 -> image.sha256().equals(value);
      case PHASH -> isNear(image.metadata().getOrDefault(PictureHash.KEY, ""));
      case URL -> urls(image).contains(value);
    };
  }

  /// Whether a hash, as an index keeps it, is near this one.
  private boolean isNear(String hex) {
    try {
      return PictureHash.parse(hex).distance(PictureHash.parse(value)) <= NEAR;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /// The terms of an index of which the named images hold one.
  ///
  /// @param hashes every perceptual hash of the index
  List<Term> terms(Collection<String> hashes) {
    List<Term> terms = new ArrayList<>();
    for (Filter.In it : filters(hashes)) {
      it.values().forEach(text -> terms.add(new Term(IndexFormat.keywordField(it.field()), text)));
    }
    return terms;
  }

  /// The filters of which the named images pass one.
  ///
  /// @param hashes every perceptual hash of the index
  public List<Filter.In> filters(Collection<String> hashes) {
    return switch (kind) {
      case ID -> List.of(Filter.In.of("id", value));
      case SHA256 -> List.of(Filter.In.of("sha256", value));
      case PHASH ->
          List.of(
              new Filter.In(
                  FilterFields.METADATA + PictureHash.KEY,
                  hashes.stream().filter(this::isNear).toList()));
      case URL ->
          URL_KEYS.stream().map(key -> Filter.In.of(FilterFields.METADATA + key, value)).toList();
    };
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + " " + value;
  }
}
