package gill.engine.retrieval.solr;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.FilterFields;
import gill.engine.retrieval.IndexedImage;
import gill.engine.retrieval.MatchSample;
import gill.engine.retrieval.RecordFields;
import gill.engine.retrieval.TextAnalysis;
import gill.engine.retrieval.WordFormula;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.lucene.analysis.Analyzer;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrInputDocument;

/// How an image lies in a collection, version 1; see `schema.xml` beside this class.
///
/// | field | content |
/// |---|---|
/// | `id` | the image's id; [#HEADER] and [#TAKEDOWN] are documents of the collection's own |
/// | `kind` | `image` of every image |
/// | `clip`, `gill` | HNSW vector, dot product, 32 bits a value |
/// | `vector.clip`, `vector.gill` | the same as bytes (f32, little-endian), to be read back |
/// | `hash` | [MatchSample#hash] of the id, in signed order |
/// | `terms` | `<field>␟<term>` of each term of each text |
/// | `texts`, `length.<field>` | fields that have terms, and how many |
/// | `words` | weighted length of the English texts |
/// | `is.<field>`, `number.<field>`, `keys` | [FilterFields], and the metadata keys |
/// | `record.*` | the whole record ([RecordFields]) |
final class SolrLayout {
  static final int VERSION = 1;
  static final String HEADER = "\u0001header";
  static final String TAKEDOWN = "\u0001takedown";
  static final String DATA = "data";

  /// Between parts of a text that may hold anything a reader would type.
  static final String SEPARATOR = "\u001f";

  private SolrLayout() {}

  static String field(VectorField field) {
    return field.name().toLowerCase(Locale.ROOT);
  }

  static String bytes(VectorField field) {
    return "vector." + field(field);
  }

  static String textField(String field) {
    return field.equals("id") ? "id" : "is." + field;
  }

  static String numberField(String field) {
    return "number." + field;
  }

  static String term(String field, String term) {
    return field + SEPARATOR + term;
  }

  static SolrInputDocument document(IndexedImage row, Analyzer analyzer) {
    ImageRecord image = row.image();
    SolrInputDocument document = new SolrInputDocument();
    document.setField("id", image.id().value());
    document.setField("kind", "image");
    document.setField("hash", MatchSample.hash(image.id().value()) ^ Long.MIN_VALUE);
    for (VectorField field : VectorField.values()) {
      float[] vector = row.vector(field).toArray();
      List<Float> values = new ArrayList<>(vector.length);
      for (float value : vector) {
        values.add(value);
      }
      document.setField(field(field), values);
      document.setField(bytes(field), bytes(vector));
    }
    texts(document, image, analyzer);
    filterFields(document, image);
    RecordFields.forEach(image, document::addField);
    return document;
  }

  private static void texts(SolrInputDocument document, ImageRecord image, Analyzer analyzer) {
    Map<String, Float> english = Map.of(TextAnalysis.CAPTION, 3f, TextAnalysis.KEYWORDS, 1f);
    float words = 0;
    for (var texts : TextAnalysis.texts(image).entrySet()) {
      String field = texts.getKey();
      Map<String, Integer> counts = WordFormula.Texts.counts(field, texts.getValue(), analyzer);
      if (!counts.isEmpty()) {
        int length = counts.values().stream().mapToInt(n -> n).sum();
        document.addField("texts", field);
        document.setField("length." + field, length);
        counts.keySet().forEach(term -> document.addField("terms", term(field, term)));
        words += english.getOrDefault(field, 0f) * length;
      }
    }
    document.setField("words", Math.round(words));
  }

  private static void filterFields(SolrInputDocument document, ImageRecord image) {
    TreeSet<String> fields = new TreeSet<>(FilterFields.fixed());
    fields.remove("id");
    for (String key : image.metadata().keySet()) {
      fields.add(FilterFields.METADATA + key);
      document.addField("keys", key);
    }
    for (String field : fields) {
      FilterFields.texts(image, field).forEach(value -> document.addField(textField(field), value));
      FilterFields.number(image, field)
          .ifPresent(number -> document.setField(numberField(field), number));
    }
  }

  private static byte[] bytes(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }

  static UnitVector vector(SolrDocument document, VectorField field) {
    ByteBuffer bytes =
        switch (document.getFirstValue(bytes(field))) {
          case byte[] array -> ByteBuffer.wrap(array);
          case ByteBuffer buffer -> buffer.duplicate();
          case null, default ->
              throw new IllegalStateException("no " + bytes(field) + " in a document of Solr");
        };
    float[] values = new float[bytes.remaining() / 4];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return UnitVector.of(values);
  }

  static ImageRecord record(SolrDocument document) {
    return RecordFields.read(name -> texts(document, name));
  }

  static List<String> texts(SolrDocument document, String field) {
    var values = document.getFieldValues(field);
    return values == null ? List.of() : values.stream().map(String::valueOf).toList();
  }
}
