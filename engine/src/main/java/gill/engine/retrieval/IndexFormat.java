package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

/// The index format, version 3: a Lucene index of one document per image.
///
/// | field | kind | content |
/// |---|---|---|
/// | `id` | keyword, doc value, stored | the image's id, unique |
/// | `clip`, `gill` | HNSW vector, dot product, in a [VectorFormat] | the two unit vectors |
/// | `caption`, `keywords`, `names.<tag>` | text | see [TextAnalysis]; `keywords` repeats |
/// | `is.<field>` | keyword, doc values | each text field of [FilterFields] but `id` |
/// | `number.<field>` | double point | each number of [FilterFields] |
/// | `record.*` | stored | the whole record; lists repeat, maps are two parallel lists |
///
/// The commit's user data is [CommitData].
///
/// An index exists from its first commit on: a folder without one is not an index.
final class IndexFormat {
  static final int VERSION = 3;
  static final String ID = "id";
  static final String KEYWORD = "is.";
  private static final String NUMBER = "number.";

  private IndexFormat() {}

  static String field(VectorField field) {
    return switch (field) {
      case CLIP -> "clip";
      case GILL -> "gill";
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
    TextAnalysis.texts(image)
        .forEach((field, texts) ->
            texts.forEach(text -> document.add(new TextField(field, text, Field.Store.NO))));
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

  /// Throws [IllegalArgumentException] unless the vector is as long as the field's.
  static void requireDimension(IndexHeader header, VectorField field, UnitVector vector) {
    int expected = header.dimension(field);
    if (vector.dimension() != expected) {
      throw new IllegalArgumentException(
          "the index's "
              + field(field)
              + " vectors have "
              + expected
              + " dimensions, got one of "
              + vector.dimension());
    }
  }
}
