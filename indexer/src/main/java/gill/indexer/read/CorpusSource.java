package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A collection of images: a folder, or a manifest.
public sealed interface CorpusSource permits ImageFolder, Manifest {
  /// The names a manifest may have inside the folder it describes.
  List<String> MANIFEST_NAMES = List.of("manifest.jsonl", "manifest.jsonl.gz");

  /// What the user named.
  Path path();

  /// The folder that locations start from.
  Path root();

  /// Number of rows. Throws [CorpusException] if the source cannot be read to its end.
  long count();

  /// The rows, always in the same order. Close the stream.
  Stream<CorpusRow> rows();

  /// A manifest (`*.jsonl`, `*.jsonl.gz`), a folder that holds one under its usual name, or a
  /// folder of images. Throws [CorpusException] if it is none of these.
  static CorpusSource open(Path path) {
    if (Files.isDirectory(path)) {
      for (String name : MANIFEST_NAMES) {
        Path manifest = path.resolve(name);
        if (Files.isRegularFile(manifest)) {
          return new Manifest(manifest, path);
        }
      }
      return new ImageFolder(path);
    }
    if (!Files.exists(path)) {
      throw new CorpusException("there is no folder or manifest " + path.toAbsolutePath());
    }
    String name = path.getFileName().toString();
    if (name.endsWith(".jsonl") || name.endsWith(".jsonl.gz")) {
      return new Manifest(path, path.toAbsolutePath().resolve("..").normalize());
    }
    throw new CorpusException(
        path + " is neither a folder of images nor a manifest (*.jsonl or *.jsonl.gz)");
  }
}
