package gill.indexer.write;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.IndexedImage;
import gill.indexer.write.EmbeddingReader.EmbeddedRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;

/// Columns of embedding Parquet to rows.
final class EmbeddedRows extends RecordMaterializer<EmbeddedRow> {
  private final Map<String, Text> texts = new HashMap<>();
  private final Map<String, Texts> lists = new HashMap<>();
  private final Map<String, Floats> vectors = new HashMap<>();
  private final Map<String, Whole> numbers = new HashMap<>();
  private final GroupConverter root = new Fields(fields());

  private Converter[] fields() {
    List<Converter> fields = new ArrayList<>();
    fields.add(numbers.computeIfAbsent(EmbeddingSchema.ROW, _ -> new Whole()));
    EmbeddingSchema.TEXTS.forEach(name -> fields.add(texts.computeIfAbsent(name, _ -> new Text())));
    for (List<String> names : List.of(EmbeddingSchema.LISTS, EmbeddingSchema.MAPS)) {
      names.forEach(name -> fields.add(lists.computeIfAbsent(name, _ -> new Texts())));
    }
    fields.add(numbers.computeIfAbsent(EmbeddingSchema.WIDTH, _ -> new Whole()));
    fields.add(numbers.computeIfAbsent(EmbeddingSchema.HEIGHT, _ -> new Whole()));
    EmbeddingSchema.VECTORS.forEach(
        name -> fields.add(vectors.computeIfAbsent(name, _ -> new Floats())));
    return fields.toArray(Converter[]::new);
  }

  @Override
  public GroupConverter getRootConverter() {
    return root;
  }

  @Override
  public EmbeddedRow getCurrentRecord() {
    return new EmbeddedRow(
        number(EmbeddingSchema.ROW), new IndexedImage(image(), vector("clip"), vector("gill")));
  }

  private ImageRecord image() {
    return new ImageRecord(
        new ImageId(text("id")),
        text("caption"),
        list("keywords"),
        map("names"),
        text("source"),
        text("author"),
        text("licence"),
        text("style"),
        text("group"),
        list("colours"),
        text("location"),
        text("sha256"),
        (int) number(EmbeddingSchema.WIDTH),
        (int) number(EmbeddingSchema.HEIGHT),
        map("metadata"));
  }

  private long number(String name) {
    return numbers.getOrDefault(name, new Whole()).value;
  }

  private String text(String name) {
    return texts.getOrDefault(name, new Text()).value;
  }

  private List<String> list(String name) {
    return lists.getOrDefault(name, new Texts()).values;
  }

  private Map<String, String> map(String name) {
    List<String> pairs = list(name);
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      map.put(pairs.get(i), pairs.get(i + 1));
    }
    return map;
  }

  private UnitVector vector(String name) {
    Floats floats = vectors.getOrDefault(name, new Floats());
    return UnitVector.of(Arrays.copyOf(floats.values, floats.size));
  }

  private static class Fields extends GroupConverter {
    private final Converter[] fields;

    Fields(Converter... fields) {
      this.fields = fields;
    }

    @Override
    public Converter getConverter(int field) {
      return fields[field];
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }

  private static final class Whole extends PrimitiveConverter {
    private long value;

    @Override
    public void addInt(int number) {
      value = number;
    }

    @Override
    public void addLong(long number) {
      value = number;
    }
  }

  private static final class Text extends PrimitiveConverter {
    private String value = "";

    @Override
    public void addBinary(Binary text) {
      value = text.toStringUsingUTF8();
    }
  }

  /// The texts of a list, or keys and values of a map in turn.
  private static final class Texts extends GroupConverter {
    private List<String> values = List.of();
    private final Converter element =
        new PrimitiveConverter() {
          @Override
          public void addBinary(Binary text) {
            values.add(text.toStringUsingUTF8());
          }
        };
    private final Converter group = new Fields(element, element);

    @Override
    public Converter getConverter(int field) {
      return group;
    }

    @Override
    public void start() {
      values = new ArrayList<>();
    }

    @Override
    public void end() {}
  }

  private static final class Floats extends GroupConverter {
    private float[] values = new float[256];
    private int size;
    private final Converter group =
        new Fields(
            new PrimitiveConverter() {
              @Override
              public void addFloat(float value) {
                if (size == values.length) {
                  values = Arrays.copyOf(values, 2 * size);
                }
                values[size++] = value;
              }
            });

    @Override
    public Converter getConverter(int field) {
      return group;
    }

    @Override
    public void start() {
      size = 0;
    }

    @Override
    public void end() {}
  }
}
