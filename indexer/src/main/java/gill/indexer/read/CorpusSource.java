package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.PictureSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A collection of images: a folder, a manifest, or archives.
public interface CorpusSource {
  /// The names a manifest may have inside the folder it describes.
  List<String> MANIFEST_NAMES =
      List.of(
          "manifest.jsonl",
          "manifest.jsonl.gz",
          "manifest.csv",
          "manifest.tsv",
          "manifest.parquet");

  /// What the user named.
  Path path();

  /// The folder that locations start from.
  Path root();

  /// Number of rows. Throws [CorpusException] if the source cannot be read to its end.
  long count();

  /// The rows, always in the same order. Close the stream.
  Stream<CorpusRow> rows();

  /// Gives the bytes of the rows' pictures, where the source keeps them.
  default PictureSource pictures() {
    return new LocalPictures(root());
  }

  /// As [#open(Path, Path)], for a source whose pictures are files; archives are unpacked into a
  /// folder `pictures` beside them.
  static CorpusSource open(Path path) {
    return open(path, path.toAbsolutePath().resolveSibling("pictures"));
  }

  /// A manifest (`*.jsonl`, `*.jsonl.gz`, `*.csv`, `*.tsv`, `*.parquet`), a WebDataset archive
  /// (`*.tar`), a folder that holds a manifest under its usual name or archives, or a folder of
  /// images. Throws [CorpusException] if it is none of these.
  ///
  /// @param pictures folder that the pictures of archives are unpacked into
  static CorpusSource open(Path path, Path pictures) {
    if (Files.isDirectory(path)) {
      for (String name : MANIFEST_NAMES) {
        Path manifest = path.resolve(name);
        if (Files.isRegularFile(manifest)) {
          return manifest(manifest, path).orElseThrow();
        }
      }
      List<Path> shards = TarShards.shards(path);
      return shards.isEmpty() ? new ImageFolder(path) : new TarShards(path, shards, pictures);
    }
    if (!Files.exists(path)) {
      throw new CorpusException("there is no folder or manifest " + path.toAbsolutePath());
    }
    if (path.toString().endsWith(".tar")) {
      return new TarShards(path, List.of(path), pictures);
    }
    return manifest(path, path.toAbsolutePath().resolve("..").normalize())
        .orElseThrow(() ->
            new CorpusException(
                path
                    + " is neither a folder of images nor a manifest (*.jsonl, *.jsonl.gz, *.csv,"
                    + " *.tsv, *.parquet) nor an archive (*.tar)"));
  }

  private static Optional<CorpusSource> manifest(Path path, Path root) {
    String name = path.toString();
    if (name.endsWith(".jsonl") || name.endsWith(".jsonl.gz")) {
      return Optional.of(new Manifest(path, root));
    }
    if (name.endsWith(".csv") || name.endsWith(".tsv")) {
      return Optional.of(new CsvManifest(path, root, name.endsWith(".csv") ? ',' : '\t'));
    }
    return name.endsWith(".parquet")
        ? Optional.of(new ParquetManifest(path, root))
        : Optional.empty();
  }
}
