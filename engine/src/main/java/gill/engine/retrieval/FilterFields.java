package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/// What of a record can be filtered and counted, under which name: the one list that the index's
/// writer, its filters and the search in heap go by.
///
/// | field | values |
/// |---|---|
/// | `id`, `source`, `licence`, `author`, `style`, `group`, `sha256` | one text |
/// | `colour`, `keyword` | texts |
/// | `language` | BCP 47 tags of the names |
/// | `metadata.<key>` | one text, which is a number too if it reads as one |
/// | `width`, `height` | a number |
public final class FilterFields {
  public static final String METADATA = "metadata.";

  /// Longer values are kept but cannot be filtered by (Lucene refuses terms of over 32766 bytes).
  static final int MOST_CHARACTERS = 1024;

  public static final Map<String, Function<ImageRecord, List<String>>> TEXTS =
      new TreeMap<>(
          Map.of(
              "id", image -> List.of(image.id().value()),
              "source", image -> List.of(image.source()),
              "licence", image -> List.of(image.licence()),
              "author", image -> List.of(image.author()),
              "style", image -> List.of(image.style()),
              "group", image -> List.of(image.group()),
              "sha256", image -> List.of(image.sha256()),
              "colour", ImageRecord::colours,
              "keyword", ImageRecord::keywords,
              "language", image -> image.names().keySet().stream().sorted().toList()));

  public static final Map<String, ToIntFunction<ImageRecord>> NUMBERS =
      new TreeMap<>(Map.of("width", ImageRecord::width, "height", ImageRecord::height));

  private FilterFields() {}

  /// The field's texts, without empty and over-long ones.
  public static List<String> texts(ImageRecord image, String field) {
    Function<ImageRecord, List<String>> texts = TEXTS.get(field);
    List<String> all = new ArrayList<>();
    if (texts != null) {
      all.addAll(texts.apply(image));
    } else if (field.startsWith(METADATA)) {
      String value = image.metadata().get(field.substring(METADATA.length()));
      if (value != null) {
        all.add(value);
      }
    }
    all.removeIf(text -> text.isEmpty() || text.length() > MOST_CHARACTERS);
    return all.stream().distinct().toList();
  }

  public static OptionalDouble number(ImageRecord image, String field) {
    ToIntFunction<ImageRecord> number = NUMBERS.get(field);
    if (number != null) {
      return OptionalDouble.of(number.applyAsInt(image));
    }
    return field.startsWith(METADATA)
        ? number(image.metadata().getOrDefault(field.substring(METADATA.length()), ""))
        : OptionalDouble.empty();
  }

  private static OptionalDouble number(String text) {
    if (text.isEmpty() || text.length() > 32 || !text.matches("[+-]?[0-9]*\\.?[0-9]+")) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(Double.parseDouble(text));
  }

  static boolean isText(String field) {
    return TEXTS.containsKey(field) || field.startsWith(METADATA);
  }

  static boolean isNumber(String field) {
    return NUMBERS.containsKey(field) || field.startsWith(METADATA);
  }

  public static void requireText(String field) {
    if (!isText(field)) {
      throw new IllegalArgumentException(
          "values are counted of "
              + TEXTS.keySet()
              + " and metadata.<key>, not of '"
              + field
              + "'");
    }
  }

  /// All but metadata; the caller may add to it.
  public static Set<String> fixed() {
    Set<String> fields = new TreeSet<>(TEXTS.keySet());
    fields.addAll(NUMBERS.keySet());
    return fields;
  }

  /// The specification of filters.
  static boolean passes(ImageRecord image, Filter filter) {
    return switch (filter) {
      case Filter.In(String field, List<String> values) ->
          texts(image, field).stream().anyMatch(values::contains);
      case Filter.Between(String field, double from, double to) -> {
        OptionalDouble number = number(image, field);
        yield number.isPresent() && number.getAsDouble() >= from && number.getAsDouble() <= to;
      }
      case Filter.TextBetween(String field, String from, String to) ->
          texts(image, field).stream()
              .anyMatch(
                  text -> compare(text, from) >= 0 && (to.isEmpty() || compare(text, to) <= 0));
      case Filter.And(List<Filter> filters) ->
          filters.stream().allMatch(each -> passes(image, each));
      case Filter.Or(List<Filter> filters) ->
          filters.stream().anyMatch(each -> passes(image, each));
      case Filter.Not(Filter not) -> !passes(image, not);
    };
  }

  /// By code points, as UTF-8 bytes compare.
  static int compare(String one, String other) {
    return java.util.Arrays.compare(one.codePoints().toArray(), other.codePoints().toArray());
  }
}
