package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import gill.indexer.flow.PictureSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// What img2dataset leaves: `00000.parquet` a shard, with `key`, `status`, `caption` and `url`, and
/// the pictures either in a folder `00000` or, as bytes, in the Parquet file itself. (Its archives
/// are [TarShards].) A picture that was not downloaded is a failure with the tool's own message.
public final class DownloadedShards implements CorpusSource {
  private static final String SHARD = "[0-9]{5,}\\.parquet";
  private static final Set<String> BYTES = Set.of("jpg", "png", "webp");
  private static final String SUCCESS = "success";

  private final Path path;
  private final List<Path> shards;
  private final KeptPictures kept;
  private final boolean inside;

  /// @param kept where pictures go that the Parquet files hold
  DownloadedShards(Path path, List<Path> shards, KeptPictures kept) {
    this.path = path;
    this.shards = List.copyOf(shards);
    this.kept = kept;
    this.inside = ParquetRows.columns(shards.getFirst()).stream().anyMatch(BYTES::contains);
  }

  /// The shards of a folder, by name; none if img2dataset did not write it.
  static List<Path> shards(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> shards =
          files.filter(file -> file.getFileName().toString().matches(SHARD)).sorted().toList();
      return !shards.isEmpty()
              && ParquetRows.columns(shards.getFirst()).containsAll(List.of("key", "status"))
          ? shards
          : List.of();
    } catch (IOException e) {
      throw new CorpusException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Path root() {
    return inside ? kept.root() : path.toAbsolutePath().normalize();
  }

  @Override
  public PictureSource pictures() {
    return inside ? kept : new LocalPictures(root());
  }

  @Override
  public long count() {
    return shards.stream().mapToLong(ParquetRows::count).sum();
  }

  @Override
  public Stream<CorpusRow> rows() {
    return shards.stream().flatMap(this::rows);
  }

  private Stream<CorpusRow> rows(Path shard) {
    String folder = Captions.stem(shard.getFileName().toString());
    Table table = new Table(shard, root(), ManifestRow.Pictures.FILES);
    return ParquetRows.of(shard).map(columns -> row(table, folder, columns));
  }

  private CorpusRow row(Table table, String folder, Map<String, String> columns) {
    String key = columns.getOrDefault("key", "");
    String place = folder + "/" + key;
    if (!key.matches("[A-Za-z0-9._-]+") || key.contains("..")) {
      return table.bad(place, "its key is no name of a file");
    }
    String status = columns.getOrDefault("status", SUCCESS);
    if (!status.equals(SUCCESS)) {
      String message = columns.getOrDefault("error_message", "");
      return new CorpusRow.Broken(
          new Failure(
              place,
              columns.getOrDefault("url", place),
              Failure.NOT_DOWNLOADED,
              status + (message.isEmpty() ? "" : ": " + message)));
    }
    String file = place + "." + extension(columns, place);
    Map<String, String> keys = new LinkedHashMap<>();
    columns.forEach((column, value) -> {
      if (!BYTES.contains(column)) {
        keys.put(Sidecars.named(column), value);
      }
    });
    keys.put("id", file);
    keys.put("file", file);
    keys.putIfAbsent("source", folder);
    if (inside) {
      keep(file, columns);
    }
    return table.row(file, keys);
  }

  private String extension(Map<String, String> columns, String place) {
    for (String extension : BYTES) {
      if (inside
          ? columns.containsKey(extension)
          : Files.isRegularFile(root().resolve(place + "." + extension))) {
        return extension;
      }
    }
    return "jpg";
  }

  private void keep(String file, Map<String, String> columns) {
    for (String extension : BYTES) {
      String bytes = columns.getOrDefault(extension, "");
      if (bytes.startsWith("0x")) {
        try {
          kept.keep(file, HexFormat.of().parseHex(bytes, 2, bytes.length()), 0);
        } catch (IOException e) {
          throw new UncheckedIOException("cannot unpack " + file + " into " + kept.root(), e);
        }
      }
    }
  }
}
