package gill.indexer.write;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.IndexedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/// Writes embedding Parquet: images as an index would hold them, with both vectors, for whoever
/// loads them elsewhere.
///
/// A row is an image. `row` (INT64) is its place in the source, from 0; where an id repeats, the
/// later row counts. `id`, `caption`, `source`, `author`, `licence`, `style`, `group`, `location`,
/// `sha256` and `phash` are STRING, `keywords` and `colours` LIST of STRING, `names` and `metadata`
/// MAP of STRING, `width` and `height` INT32, `clip` and `gill` LIST of FLOAT, unit vectors.
/// Nothing is null; an empty text is unknown. The footer's key-value metadata are
/// `gill.parquet_version` (1), `gill.bundle.{name,version,fingerprint}`,
/// `gill.dimension.{clip,gill}` and `gill.image_root`. Not for use by several threads.
public final class EmbeddingWriter implements AutoCloseable {
  /// Bytes that wait in memory.
  private static final long ROW_GROUP = 16L << 20;

  private final ParquetWriter<Row> writer;

  private record Row(long number, IndexedImage image) {}

  private EmbeddingWriter(ParquetWriter<Row> writer) {
    this.writer = writer;
  }

  /// Starts a file that is not there yet.
  public static EmbeddingWriter create(Path file, IndexHeader header) throws IOException {
    return new EmbeddingWriter(
        new Builder(new LocalOutputFile(file), header)
            .withConf(new PlainParquetConfiguration())
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withRowGroupSize(ROW_GROUP)
            .build());
  }

  /// @param row place in the source
  public void write(long row, IndexedImage image) throws IOException {
    writer.write(new Row(row, image));
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
    private final IndexHeader header;

    Builder(OutputFile file, IndexHeader header) {
      super(file);
      this.header = header;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
      return new Rows(header);
    }

    @Override
    protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
      return new Rows(header);
    }
  }

  /// Fields in the order of [EmbeddingSchema#MESSAGE].
  private static final class Rows extends WriteSupport<Row> {
    private final IndexHeader header;
    private RecordConsumer out;
    private int field;

    @SuppressWarnings("NullAway.Init") // prepareForWrite sets `out` before the first row.
    Rows(IndexHeader header) {
      this.header = header;
    }

    @Override
    public WriteContext init(Configuration configuration) {
      return new WriteContext(EmbeddingSchema.MESSAGE, EmbeddingSchema.footer(header));
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(EmbeddingSchema.MESSAGE, EmbeddingSchema.footer(header));
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(Row row) {
      ImageRecord image = row.image().image();
      out.startMessage();
      field = 0;
      field(EmbeddingSchema.ROW, () -> out.addLong(row.number()));
      texts(image);
      list("keywords", image.keywords());
      list("colours", image.colours());
      map("names", image.names());
      map("metadata", image.metadata());
      field(EmbeddingSchema.WIDTH, () -> out.addInteger(image.width()));
      field(EmbeddingSchema.HEIGHT, () -> out.addInteger(image.height()));
      vector("clip", row.image().clip().toArray());
      vector("gill", row.image().gill().toArray());
      out.endMessage();
    }

    private void texts(ImageRecord image) {
      List<String> values =
          List.of(
              image.id().value(),
              image.caption(),
              image.source(),
              image.author(),
              image.licence(),
              image.style(),
              image.group(),
              image.location(),
              image.sha256(),
              image.metadata().getOrDefault(PictureHash.KEY, ""));
      for (int i = 0; i < values.size(); i++) {
        String value = values.get(i);
        field(EmbeddingSchema.TEXTS.get(i), () -> text(value));
      }
    }

    private void text(String value) {
      out.addBinary(Binary.fromString(value));
    }

    private void field(String name, Runnable content) {
      out.startField(name, field);
      content.run();
      out.endField(name, field);
      field++;
    }

    /// A group that holds one repeated group, empty or not.
    private void repeated(String name, String inner, int size, Runnable elements) {
      field(
          name,
          () -> {
            out.startGroup();
            if (size > 0) {
              out.startField(inner, 0);
              elements.run();
              out.endField(inner, 0);
            }
            out.endGroup();
          });
    }

    private void element(String name, int at, Runnable value) {
      out.startField(name, at);
      value.run();
      out.endField(name, at);
    }

    private void list(String name, List<String> values) {
      repeated(
          name,
          "list",
          values.size(),
          () ->
              values.forEach(value -> {
                out.startGroup();
                element("element", 0, () -> text(value));
                out.endGroup();
              }));
    }

    private void map(String name, Map<String, String> map) {
      repeated(
          name,
          "key_value",
          map.size(),
          () ->
              new TreeMap<>(map)
                  .forEach((key, value) -> {
                    out.startGroup();
                    element("key", 0, () -> text(key));
                    element("value", 1, () -> text(value));
                    out.endGroup();
                  }));
    }

    private void vector(String name, float[] values) {
      repeated(
          name,
          "list",
          values.length,
          () -> {
            for (float value : values) {
              out.startGroup();
              element("element", 0, () -> out.addFloat(value));
              out.endGroup();
            }
          });
    }
  }
}
