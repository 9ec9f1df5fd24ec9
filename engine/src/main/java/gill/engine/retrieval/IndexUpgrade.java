package gill.engine.retrieval;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/// Brings an index of the format version before up to date, from what it holds: no image is read or
/// embedded again.
public final class IndexUpgrade {
  private IndexUpgrade() {}

  /// Writes the folder's index anew, as one commit: a crash leaves either. Returns the number of
  /// images. Throws [gill.engine.fault.IndexException] if the index is damaged or older still, or
  /// another writer is at work.
  public static int of(Path index) {
    IndexFaults.requireFolder(index);
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexHeader header =
          CommitData.header(index, CommitData.upgraded(reader.getIndexCommit().getUserData()));
      try (ImageIndexWriter writer = ImageIndexWriter.replace(index, header)) {
        IndexRows.forEach(reader, writer::add);
        writer.calibrate(CalibrationData.read(reader.getIndexCommit().getUserData()));
        return writer.commit();
      }
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }
}
