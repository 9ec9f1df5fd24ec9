package gill.indexer.write;

import gill.engine.fault.IndexException;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.IndexedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/// Reads what [EmbeddingWriter] wrote, row by row. Not for use by several threads.
public final class EmbeddingReader implements AutoCloseable {
  private final Path file;
  private final ParquetReader<EmbeddedRow> reader;

  /// @param number place in the source, from 0
  public record EmbeddedRow(long number, IndexedImage image) {}

  private EmbeddingReader(Path file, ParquetReader<EmbeddedRow> reader) {
    this.file = file;
    this.reader = reader;
  }

  /// Throws [IndexException] if the file is missing or no such Parquet.
  public static EmbeddingReader open(Path file) {
    header(file);
    try {
      return new EmbeddingReader(file, new Builder(new LocalInputFile(file)).build());
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  /// Who made a file's vectors, and where its images lie.
  public static IndexHeader header(Path file) {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
      MessageType schema = reader.getFileMetaData().getSchema();
      if (!schema.equals(EmbeddingSchema.MESSAGE)) {
        throw new IllegalArgumentException("its columns are others: " + schema);
      }
      return EmbeddingSchema.header(reader.getFileMetaData().getKeyValueMetaData());
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  /// All rows of a file, in order.
  public static void forEach(Path file, ObjLongConsumer<IndexedImage> row) {
    try (EmbeddingReader reader = open(file)) {
      for (EmbeddedRow next = reader.next(); next != null; next = reader.next()) {
        row.accept(next.image(), next.number());
      }
    }
  }

  /// The next row; null after the last.
  @SuppressWarnings("NullAway") // The library says with null that there are no more.
  public @Nullable EmbeddedRow next() {
    try {
      return reader.read();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static IndexException unreadable(Path file, Exception e) {
    return new IndexException("cannot read the embedding Parquet " + file + ": " + e, e);
  }

  private static final class Builder extends ParquetReader.Builder<EmbeddedRow> {
    Builder(InputFile file) {
      super(file, new PlainParquetConfiguration());
    }

    @Override
    protected ReadSupport<EmbeddedRow> getReadSupport() {
      return new Rows();
    }
  }

  private static final class Rows extends ReadSupport<EmbeddedRow> {
    @Override
    public ReadContext init(InitContext context) {
      return new ReadContext(EmbeddingSchema.MESSAGE);
    }

    @Override
    public RecordMaterializer<EmbeddedRow> prepareForRead(
        Configuration configuration,
        Map<String, String> metadata,
        MessageType schema,
        ReadContext context) {
      return new EmbeddedRows();
    }

    @Override
    public RecordMaterializer<EmbeddedRow> prepareForRead(
        ParquetConfiguration configuration,
        Map<String, String> metadata,
        MessageType schema,
        ReadContext context) {
      return new EmbeddedRows();
    }
  }
}
