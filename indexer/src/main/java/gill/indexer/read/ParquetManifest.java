package gill.indexer.read;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.HydratorSupplier;
import blue.strategic.parquet.ParquetReader;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/// Images described by a Parquet file, a column per key ([Table]). Nested columns are left out.
public final class ParquetManifest implements CorpusSource {
  private final Path path;
  private final Path root;

  /// @param root the folder that files start from
  public ParquetManifest(Path path, Path root) {
    this.path = path;
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public long count() {
    return metadata().getBlocks().stream().mapToLong(block -> block.getRowCount()).sum();
  }

  // The library answers a broken file with runtime exceptions of many kinds.
  private ParquetMetadata metadata() {
    try {
      return ParquetReader.readMetadata(path.toFile());
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    }
  }

  @Override
  public Stream<CorpusRow> rows() {
    List<String> flat =
        metadata().getFileMetaData().getSchema().getColumns().stream()
            .filter(column -> column.getPath().length == 1)
            .filter(column -> column.getMaxRepetitionLevel() == 0)
            .map((ColumnDescriptor column) -> column.getPath()[0])
            .toList();
    Table table = new Table(path, root);
    AtomicLong number = new AtomicLong();
    try {
      Stream<Map<String, String>> rows =
          ParquetReader.streamContent(
              path.toFile(), HydratorSupplier.constantly(new Columns()), flat);
      return rows.map(columns -> table.row("row " + number.incrementAndGet(), columns));
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    }
  }

  private CorpusException unreadable(Exception e) {
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
