package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Opens manifests and lists by what they are called and by the columns they have.
final class ManifestFiles {
  /// The names a manifest may have inside the folder it describes.
  static final List<String> NAMES =
      List.of(
          "manifest.jsonl",
          "manifest.jsonl.gz",
          "manifest.csv",
          "manifest.tsv",
          "manifest.parquet");

  private ManifestFiles() {}

  /// The manifest or list; empty if the file's name is none of theirs.
  ///
  /// @param root the folder that files start from
  static Optional<CorpusSource> open(Path path, Path root, SourceOptions options) {
    String name = path.toString();
    if (name.endsWith(".txt")) {
      KeptPictures kept = new KeptPictures(options.pictures(), options.rehearsal());
      return Optional.of(new UrlList(new UrlLines(path, kept.root()), options.fetching(), kept));
    }
    if (!name.matches(".*\\.(jsonl|jsonl\\.gz|csv|tsv|parquet)")) {
      return Optional.empty();
    }
    if (!ManifestUrls.describe(columns(path))) {
      return Optional.of(rows(path, root, ManifestRow.Pictures.FILES));
    }
    KeptPictures kept = new KeptPictures(options.pictures(), options.rehearsal());
    return Optional.of(
        new UrlList(
            rows(path, kept.root(), ManifestRow.Pictures.ADDRESSES), options.fetching(), kept));
  }

  private static CorpusSource rows(Path path, Path root, ManifestRow.Pictures pictures) {
    String name = path.toString();
    if (name.endsWith(".parquet")) {
      return new ParquetManifest(path, root, pictures);
    }
    return name.endsWith(".csv") || name.endsWith(".tsv")
        ? new CsvManifest(path, root, name.endsWith(".csv") ? ',' : '\t', pictures)
        : new Manifest(path, root, pictures);
  }

  private static List<String> columns(Path path) {
    String name = path.toString();
    try {
      if (name.endsWith(".parquet")) {
        return ParquetRows.columns(path);
      }
      return name.endsWith(".csv") || name.endsWith(".tsv")
          ? CsvManifest.columns(path, name.endsWith(".csv") ? ',' : '\t')
          : Manifest.firstKeys(path);
    } catch (IOException | UncheckedIOException e) {
      throw new CorpusException("cannot read the manifest " + path + ": " + e, e);
    }
  }
}
