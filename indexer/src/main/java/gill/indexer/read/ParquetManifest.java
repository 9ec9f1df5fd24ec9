package gill.indexer.read;

import gill.indexer.flow.CorpusRow;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Images described by a Parquet file, a column per key ([Table]). Nested columns are left out.
public final class ParquetManifest implements CorpusSource {
  private final Path path;
  private final Path root;
  private final ManifestRow.Pictures pictures;

  /// @param root the folder that files start from
  public ParquetManifest(Path path, Path root) {
    this(path, root, ManifestRow.Pictures.FILES);
  }

  ParquetManifest(Path path, Path root, ManifestRow.Pictures pictures) {
    this.path = path;
    this.root = root.toAbsolutePath().normalize();
    this.pictures = pictures;
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
    return ParquetRows.count(path);
  }

  @Override
  public Stream<CorpusRow> rows() {
    Table table = new Table(path, root, pictures);
    AtomicLong number = new AtomicLong();
    return ParquetRows.of(path)
        .map(columns -> table.row("row " + number.incrementAndGet(), columns));
  }
}
