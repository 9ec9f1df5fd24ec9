package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.PictureSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A collection of images: a folder, a manifest, a list of addresses, archives, or vectors.
public interface CorpusSource {
  /// The names a manifest may have inside the folder it describes.
  List<String> MANIFEST_NAMES = ManifestFiles.NAMES;

  /// What the user named.
  Path path();

  /// The folder that locations start from.
  Path root();

  /// Number of rows. Throws [CorpusException] if the source cannot be read to its end.
  long count();

  /// The rows, always in the same order. Close the stream.
  Stream<CorpusRow> rows();

  /// Gives the bytes of the rows' pictures, where the source keeps them. Close it.
  default PictureSource pictures() {
    return new LocalPictures(root());
  }

  /// As [#open(Path, Path)], for a source whose pictures are files; archives are unpacked into a
  /// folder `pictures` beside them.
  static CorpusSource open(Path path) {
    return open(path, path.toAbsolutePath().resolveSibling("pictures"));
  }

  /// @param pictures folder that the pictures of archives and addresses are put into
  static CorpusSource open(Path path, Path pictures) {
    return open(path, SourceOptions.of(pictures));
  }

  /// A manifest or a list of addresses (`*.jsonl`, `*.jsonl.gz`, `*.csv`, `*.tsv`, `*.parquet`,
  /// `*.txt`), a WebDataset archive (`*.tar`), or a folder: one that holds a manifest under its
  /// usual name, vectors, archives or what img2dataset left, else a folder of images. Throws
  /// [CorpusException] if it is none of these.
  static CorpusSource open(Path path, SourceOptions options) {
    if (Files.isDirectory(path)) {
      return folder(path, options);
    }
    if (!Files.exists(path)) {
      throw new CorpusException("there is no folder or manifest " + path.toAbsolutePath());
    }
    if (path.toString().endsWith(".tar")) {
      return new TarShards(
          path, List.of(path), new KeptPictures(options.pictures(), options.rehearsal()));
    }
    return ManifestFiles.open(path, path.toAbsolutePath().resolve("..").normalize(), options)
        .orElseThrow(() ->
            new CorpusException(
                path
                    + " is neither a folder of images nor a manifest (*.jsonl, *.jsonl.gz, *.csv,"
                    + " *.tsv, *.parquet) nor a list of addresses (*.txt) nor an archive (*.tar)"));
  }

  private static CorpusSource folder(Path path, SourceOptions options) {
    for (String name : MANIFEST_NAMES) {
      Path manifest = path.resolve(name);
      if (Files.isRegularFile(manifest)) {
        return ManifestFiles.open(manifest, path, options).orElseThrow();
      }
    }
    if (EmbeddingFolder.is(path)) {
      return new EmbeddingFolder(path, options.images());
    }
    KeptPictures kept = new KeptPictures(options.pictures(), options.rehearsal());
    List<Path> archives = TarShards.shards(path);
    if (!archives.isEmpty()) {
      return new TarShards(path, archives, kept);
    }
    List<Path> downloads = DownloadedShards.shards(path);
    return downloads.isEmpty()
        ? new ImageFolder(path)
        : new DownloadedShards(path, downloads, kept);
  }
}
