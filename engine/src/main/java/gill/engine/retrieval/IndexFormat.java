package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.VectorField;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.DoublePoint;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.util.BytesRef;

/// The index format, version 2: a Lucene index of one document per image.
///
/// | field | kind | content |
/// |---|---|---|
/// | `id` | keyword, doc value, stored | the image's id, unique |
/// | `clip`, `gill` | HNSW f32 vector, dot product | the two unit vectors |
/// | `caption`, `keywords`, `names` | text | see [TextAnalysis]; `keywords` and `names` repeat |
/// | `is.<field>` | keyword, doc values | each text field of [FilterFields] but `id` |
/// | `number.<field>` | double point | each number of [FilterFields] |
/// | `record.*` | stored | the whole record; lists repeat, maps are two parallel lists |
///
/// The commit's user data holds `gill.format_version`, `gill.bundle.{name,version,fingerprint}`,
/// `gill.dimension.{clip,gill}`, `gill.images` and the image root twice: `gill.image_root` is
/// absolute, `gill.image_root.relative` starts at the index folder, so that index and images may be
/// moved together. The folder named by the relative path wins if it exists.
///
/// An index exists from its first commit on: a folder without one is not an index.
final class IndexFormat {
  static final int VERSION = 2;
  static final String ID = "id";
  static final String KEYWORD = "is.";
  private static final String NUMBER = "number.";

  private static final String KEY_VERSION = "gill.format_version";
  private static final String KEY_NAME = "gill.bundle.name";
  private static final String KEY_BUNDLE_VERSION = "gill.bundle.version";
  private static final String KEY_FINGERPRINT = "gill.bundle.fingerprint";
  private static final String KEY_CLIP = "gill.dimension.clip";
  private static final String KEY_GILL = "gill.dimension.gill";
  private static final String KEY_ROOT = "gill.image_root";
  private static final String KEY_RELATIVE_ROOT = "gill.image_root.relative";
  private static final String KEY_IMAGES = "gill.images";

  /// Neighbours per node and candidates per insertion: more than Lucene's 16 and 100, for recall.
  private static final int MAX_CONNECTIONS = 24;

  private static final int BEAM_WIDTH = 160;

  private IndexFormat() {}

  static String field(VectorField field) {
    return switch (field) {
      case CLIP -> "clip";
      case GILL -> "gill";
    };
  }

  static Codec codec() {
    KnnVectorsFormat vectors = new Lucene99HnswVectorsFormat(MAX_CONNECTIONS, BEAM_WIDTH);
    return new Lucene104Codec() {
      @Override
      public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
        return vectors;
      }
    };
  }

  static Document document(IndexedImage row) {
    ImageRecord image = row.image();
    Document document = new Document();
    String id = image.id().value();
    document.add(new StringField(ID, id, Field.Store.NO));
    document.add(new SortedDocValuesField(ID, new BytesRef(id)));
    for (VectorField field : VectorField.values()) {
      document.add(
          new KnnFloatVectorField(
              field(field), row.vector(field).toArray(), VectorSimilarityFunction.DOT_PRODUCT));
    }
    for (String field : TextAnalysis.WEIGHTS.keySet()) {
      for (String text : TextAnalysis.texts(image, field)) {
        document.add(new TextField(field, text, Field.Store.NO));
      }
    }
    filterFields(document, image);
    store(document, image);
    return document;
  }

  private static void filterFields(Document document, ImageRecord image) {
    List<String> fields = new ArrayList<>(FilterFields.TEXTS.keySet());
    fields.remove(ID);
    fields.addAll(FilterFields.NUMBERS.keySet());
    image.metadata().keySet().forEach(key -> fields.add(FilterFields.METADATA + key));
    for (String field : fields) {
      for (String value : FilterFields.texts(image, field)) {
        document.add(new StringField(keywordField(field), value, Field.Store.NO));
        document.add(new SortedSetDocValuesField(keywordField(field), new BytesRef(value)));
      }
      FilterFields.number(image, field)
          .ifPresent(number -> document.add(new DoublePoint(numberField(field), number)));
    }
  }

  /// The Lucene field of a text field of [FilterFields].
  static String keywordField(String field) {
    return field.equals(ID) ? ID : KEYWORD + field;
  }

  /// The Lucene field of a number of [FilterFields].
  static String numberField(String field) {
    return NUMBER + field;
  }

  private static void store(Document document, ImageRecord image) {
    stored(document, "id", image.id().value());
    stored(document, "caption", image.caption());
    image.keywords().forEach(value -> stored(document, "keyword", value));
    new TreeMap<>(image.names())
        .forEach((tag, name) -> {
          stored(document, "name.tag", tag);
          stored(document, "name.text", name);
        });
    stored(document, "source", image.source());
    stored(document, "author", image.author());
    stored(document, "licence", image.licence());
    stored(document, "style", image.style());
    stored(document, "group", image.group());
    image.colours().forEach(value -> stored(document, "colour", value));
    stored(document, "location", image.location());
    stored(document, "sha256", image.sha256());
    stored(document, "width", Integer.toString(image.width()));
    stored(document, "height", Integer.toString(image.height()));
    new TreeMap<>(image.metadata())
        .forEach((key, value) -> {
          stored(document, "metadata.key", key);
          stored(document, "metadata.value", value);
        });
  }

  private static void stored(Document document, String name, String value) {
    document.add(new StoredField("record." + name, value));
  }

  static ImageRecord record(Document document) {
    return new ImageRecord(
        new ImageId(one(document, "id")),
        one(document, "caption"),
        all(document, "keyword"),
        map(document, "name.tag", "name.text"),
        one(document, "source"),
        one(document, "author"),
        one(document, "licence"),
        one(document, "style"),
        one(document, "group"),
        all(document, "colour"),
        one(document, "location"),
        one(document, "sha256"),
        Integer.parseInt(one(document, "width")),
        Integer.parseInt(one(document, "height")),
        map(document, "metadata.key", "metadata.value"));
  }

  private static String one(Document document, String name) {
    String value = document.get("record." + name);
    if (value == null) {
      throw new IndexException("a record of the index has no '" + name + "': index again");
    }
    return value;
  }

  private static List<String> all(Document document, String name) {
    return Arrays.asList(document.getValues("record." + name));
  }

  private static Map<String, String> map(Document document, String keys, String values) {
    List<String> key = all(document, keys);
    List<String> value = all(document, values);
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

  /// The fields that a filter may name: all fixed ones, and each metadata key that occurs.
  static Set<String> filterFields(IndexReader reader) {
    Set<String> fields = FilterFields.fixed();
    for (FieldInfo field : FieldInfos.getMergedFieldInfos(reader)) {
      if (field.name.startsWith(KEYWORD + FilterFields.METADATA)) {
        fields.add(field.name.substring(KEYWORD.length()));
      }
    }
    return fields;
  }

  static Map<String, String> commitData(IndexHeader header, Path index, int images) {
    Map<String, String> data = new LinkedHashMap<>();
    data.put(KEY_VERSION, Integer.toString(VERSION));
    data.put(KEY_NAME, header.bundle().name());
    data.put(KEY_BUNDLE_VERSION, header.bundle().version());
    data.put(KEY_FINGERPRINT, header.bundle().fingerprint());
    data.put(KEY_CLIP, Integer.toString(header.clipDimension()));
    data.put(KEY_GILL, Integer.toString(header.gillDimension()));
    data.put(KEY_IMAGES, Integer.toString(images));
    Path root = header.imageRoot();
    data.put(KEY_ROOT, root.toString());
    Path from = index.toAbsolutePath().normalize();
    if (root.getRoot() != null && root.getRoot().equals(from.getRoot())) {
      data.put(KEY_RELATIVE_ROOT, from.relativize(root).toString());
    }
    return data;
  }

  /// Reads a commit's user data. Throws [IndexException] naming every fault.
  static IndexHeader header(Path index, Map<String, String> data) {
    String version = data.get(KEY_VERSION);
    if (version == null) {
      throw new IndexException(
          index
              + " is a Lucene index but not one of images: it has no "
              + KEY_VERSION
              + ". Give the folder that './gill index' wrote");
    }
    if (!version.equals(Integer.toString(VERSION))) {
      throw new IndexException(
          "the index "
              + index
              + " has format version "
              + version
              + ", this program reads "
              + VERSION
              + ". "
              + again(index));
    }
    List<String> missing = new ArrayList<>();
    for (String key :
        List.of(KEY_NAME, KEY_BUNDLE_VERSION, KEY_FINGERPRINT, KEY_CLIP, KEY_GILL, KEY_ROOT)) {
      if (!data.containsKey(key)) {
        missing.add(key);
      }
    }
    if (!missing.isEmpty()) {
      throw new IndexException(
          "the index " + index + " lacks " + missing + " in its commit data. " + again(index));
    }
    try {
      return new IndexHeader(
          new BundleStamp(
              data.getOrDefault(KEY_NAME, ""),
              data.getOrDefault(KEY_BUNDLE_VERSION, ""),
              data.getOrDefault(KEY_FINGERPRINT, "")),
          Integer.parseInt(data.getOrDefault(KEY_CLIP, "")),
          Integer.parseInt(data.getOrDefault(KEY_GILL, "")),
          imageRoot(index, data));
    } catch (IllegalArgumentException e) {
      throw new IndexException(
          "the index "
              + index
              + " has unusable commit data: "
              + e.getMessage()
              + ". "
              + again(index),
          e);
    }
  }

  private static Path imageRoot(Path index, Map<String, String> data) throws InvalidPathException {
    String relative = data.get(KEY_RELATIVE_ROOT);
    if (relative != null) {
      Path moved = index.toAbsolutePath().normalize().resolve(relative).normalize();
      if (Files.isDirectory(moved)) {
        return moved;
      }
    }
    return Path.of(data.getOrDefault(KEY_ROOT, ""));
  }

  /// What to do about an index that cannot be used.
  static String again(Path index) {
    return "Index again: ./gill index <folder or manifest.jsonl> --out " + index;
  }
}
