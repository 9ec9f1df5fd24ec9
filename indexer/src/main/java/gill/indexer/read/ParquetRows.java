package gill.indexer.read;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.HydratorSupplier;
import blue.strategic.parquet.ParquetReader;
import gill.indexer.flow.CorpusException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/// The rows of a Parquet file as texts by column; nested columns are left out, and so are missing
/// values. Bytes that are no text are `0x` and their digits.
final class ParquetRows {
  private ParquetRows() {}

  static long count(Path path) {
    return metadata(path).getBlocks().stream().mapToLong(block -> block.getRowCount()).sum();
  }

  /// The columns that are not nested.
  static List<String> columns(Path path) {
    return metadata(path).getFileMetaData().getSchema().getColumns().stream()
        .filter(column -> column.getPath().length == 1)
        .filter(column -> column.getMaxRepetitionLevel() == 0)
        .map((ColumnDescriptor column) -> column.getPath()[0])
        .toList();
  }

  /// Close the stream.
  static Stream<Map<String, String>> of(Path path) {
    List<String> columns = columns(path);
    try {
      return ParquetReader.streamContent(
          path.toFile(), HydratorSupplier.constantly(new Columns()), columns);
    } catch (IOException | RuntimeException e) {
      throw unreadable(path, e);
    }
  }

  // The library answers a broken file with runtime exceptions of many kinds.
  private static ParquetMetadata metadata(Path path) {
    try {
      return ParquetReader.readMetadata(path.toFile());
    } catch (IOException | RuntimeException e) {
      throw unreadable(path, e);
    }
  }

  private static CorpusException unreadable(Path path, Exception e) {
    return new CorpusException("cannot read the Parquet file " + path + ": " + e, e);
  }

  /// Collects a row's columns as text; those without a value are left out.
  private static final class Columns implements Hydrator<Map<String, String>, Map<String, String>> {
    @Override
    public Map<String, String> start() {
      return new LinkedHashMap<>();
    }

    @Override
    @SuppressWarnings("NullAway") // The library hands over null for a missing value.
    public Map<String, String> add(Map<String, String> row, String column, Object value) {
      if (value != null) {
        row.put(column, value.toString());
      }
      return row;
    }

    @Override
    public Map<String, String> finish(Map<String, String> row) {
      return row;
    }
  }
}
