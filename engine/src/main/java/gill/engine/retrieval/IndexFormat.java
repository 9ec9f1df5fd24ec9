package gill.engine.retrieval;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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
    RecordFields.forEach(image, (name, value) -> document.add(new StoredField(name, value)));
  }

  static ImageRecord record(Document document) {
    return RecordFields.read(name -> Arrays.asList(document.getValues(name)));
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
    header.requireDimension(field, vector);
  }
}
