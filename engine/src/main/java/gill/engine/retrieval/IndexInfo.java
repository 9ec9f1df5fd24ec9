package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/// What an index holds, without opening it for searches.
///
/// @param index the folder that holds it or stands for it
/// @param format version of the format, as the refusal of another one names it
/// @param images in the last commit
/// @param updated when that was made
public record IndexInfo(
    Path index, IndexHeader header, String format, long images, Instant updated) {
  /// Throws [IndexException] if the folder holds no index of this program's format.
  public static IndexInfo of(Path index) {
    IndexFaults.requireFolder(index);
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      String segments = reader.getIndexCommit().getSegmentsFileName();
      return new IndexInfo(
          index,
          CommitData.header(index, reader.getIndexCommit().getUserData()),
          Integer.toString(IndexFormat.VERSION),
          reader.numDocs(),
          Files.getLastModifiedTime(index.resolve(segments)).toInstant());
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  /// The indexes among the folders in `parent`, by name; what is no index is passed over.
  public static List<IndexInfo> in(Path parent) {
    List<Path> folders;
    try (Stream<Path> all = Files.list(parent)) {
      folders = all.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new IndexException("cannot read the folder " + parent + ": " + e.getMessage(), e);
    }
    List<IndexInfo> found = new ArrayList<>();
    folders.forEach(folder -> readable(folder).ifPresent(found::add));
    return found;
  }

  private static Optional<IndexInfo> readable(Path folder) {
    try {
      return Optional.of(of(folder));
    } catch (IndexException _) {
      return Optional.empty();
    }
  }
}
