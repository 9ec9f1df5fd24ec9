package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// A whole [ImageRecord] as stored texts, the same in every index: `record.<name>`, lists repeat,
/// maps are two parallel lists.
public final class RecordFields {
  public static final String PREFIX = "record.";

  private RecordFields() {}

  /// Calls `field` with each name and text, lists in their order.
  public static void forEach(ImageRecord image, BiConsumer<String, String> field) {
    BiConsumer<String, String> record = (name, value) -> field.accept(PREFIX + name, value);
    record.accept("id", image.id().value());
    record.accept("caption", image.caption());
    image.keywords().forEach(value -> record.accept("keyword", value));
    new TreeMap<>(image.names())
        .forEach((tag, name) -> {
          record.accept("name.tag", tag);
          record.accept("name.text", name);
        });
    record.accept("source", image.source());
    record.accept("author", image.author());
    record.accept("licence", image.licence());
    record.accept("style", image.style());
    record.accept("group", image.group());
    image.colours().forEach(value -> record.accept("colour", value));
    record.accept("location", image.location());
    record.accept("sha256", image.sha256());
    record.accept("width", Integer.toString(image.width()));
    record.accept("height", Integer.toString(image.height()));
    new TreeMap<>(image.metadata())
        .forEach((key, value) -> {
          record.accept("metadata.key", key);
          record.accept("metadata.value", value);
        });
  }

  /// Reads a record back from the texts of each name. Throws [IndexException] if one is missing.
  public static ImageRecord read(Function<String, List<String>> values) {
    Function<String, List<String>> record = name -> values.apply(PREFIX + name);
    return new ImageRecord(
        new ImageId(one(record, "id")),
        one(record, "caption"),
        record.apply("keyword"),
        map(record, "name.tag", "name.text"),
        one(record, "source"),
        one(record, "author"),
        one(record, "licence"),
        one(record, "style"),
        one(record, "group"),
        record.apply("colour"),
        one(record, "location"),
        one(record, "sha256"),
        Integer.parseInt(one(record, "width")),
        Integer.parseInt(one(record, "height")),
        map(record, "metadata.key", "metadata.value"));
  }

  private static String one(Function<String, List<String>> record, String name) {
    List<String> values = record.apply(name);
    if (values.isEmpty()) {
      throw new IndexException("a record of the index has no '" + name + "': index again");
    }
    return values.getFirst();
  }

  private static Map<String, String> map(
      Function<String, List<String>> record, String keys, String values) {
    List<String> key = record.apply(keys);
    List<String> value = record.apply(values);
    if (key.size() != value.size()) {
      throw new IndexException(
          "a record of the index has "
              + key.size()
              + " of '"
              + keys
              + "' but "
              + value.size()
              + " of '"
              + values
              + "': index again");
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < key.size(); i++) {
      map.put(key.get(i), value.get(i));
    }
    return map;
  }
}
