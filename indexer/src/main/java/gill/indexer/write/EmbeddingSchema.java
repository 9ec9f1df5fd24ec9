package gill.indexer.write;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.IndexHeader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/// The schema of embedding Parquet ([EmbeddingWriter]) and what its footer says of its maker.
final class EmbeddingSchema {
  static final List<String> TEXTS =
      List.of(
          "id",
          "caption",
          "source",
          "author",
          "licence",
          "style",
          "group",
          "location",
          "sha256",
          "phash");
  static final List<String> LISTS = List.of("keywords", "colours");
  static final List<String> MAPS = List.of("names", "metadata");
  static final List<String> VECTORS = List.of("clip", "gill");
  static final String ROW = "row";
  static final String WIDTH = "width";
  static final String HEIGHT = "height";

  static final MessageType MESSAGE = message();

  private static final String VERSION = "gill.parquet_version";
  private static final String NAME = "gill.bundle.name";
  private static final String BUNDLE_VERSION = "gill.bundle.version";
  private static final String FINGERPRINT = "gill.bundle.fingerprint";
  private static final String CLIP = "gill.dimension.clip";
  private static final String GILL = "gill.dimension.gill";
  private static final String ROOT = "gill.image_root";

  private EmbeddingSchema() {}

  private static MessageType message() {
    List<Type> fields = new ArrayList<>();
    fields.add(Types.required(INT64).named(ROW));
    TEXTS.forEach(name -> fields.add(Types.required(BINARY).as(stringType()).named(name)));
    LISTS.forEach(name -> fields.add(list(name, text("element"))));
    MAPS.forEach(name -> fields.add(map(name)));
    fields.add(Types.required(INT32).named(WIDTH));
    fields.add(Types.required(INT32).named(HEIGHT));
    VECTORS.forEach(name -> fields.add(list(name, Types.required(FLOAT).named("element"))));
    return new MessageType("image", fields);
  }

  private static Type text(String name) {
    return Types.required(BINARY).as(stringType()).named(name);
  }

  private static GroupType list(String name, Type element) {
    return Types.requiredList().element(element).named(name);
  }

  private static GroupType map(String name) {
    return Types.requiredMap().key(text("key")).value(text("value")).named(name);
  }

  static Map<String, String> footer(IndexHeader header) {
    Map<String, String> data = new LinkedHashMap<>();
    data.put(VERSION, "1");
    data.put(NAME, header.bundle().name());
    data.put(BUNDLE_VERSION, header.bundle().version());
    data.put(FINGERPRINT, header.bundle().fingerprint());
    data.put(CLIP, Integer.toString(header.clipDimension()));
    data.put(GILL, Integer.toString(header.gillDimension()));
    data.put(ROOT, header.imageRoot().toString());
    return data;
  }

  /// Throws [IllegalArgumentException] unless the data are such a footer's.
  static IndexHeader header(Map<String, String> data) {
    if (!"1".equals(data.get(VERSION))
        || !data.keySet()
            .containsAll(Set.of(NAME, BUNDLE_VERSION, FINGERPRINT, CLIP, GILL, ROOT))) {
      throw new IllegalArgumentException(
          "its footer does not name the bundle that made the vectors (version 1)");
    }
    return new IndexHeader(
        new BundleStamp(
            data.getOrDefault(NAME, ""),
            data.getOrDefault(BUNDLE_VERSION, ""),
            data.getOrDefault(FINGERPRINT, "")),
        Integer.parseInt(data.getOrDefault(CLIP, "")),
        Integer.parseInt(data.getOrDefault(GILL, "")),
        Path.of(data.getOrDefault(ROOT, "")));
  }
}
