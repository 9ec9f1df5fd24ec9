package gill.engine.retrieval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FileSwitchDirectory;
import org.apache.lucene.store.NIOFSDirectory;

/// How the files of an index are read by searches: mapped into memory. Where there are short
/// vectors ([VectorFormat]), the full ones are read as files instead: a search takes a few of them
/// from here and there, and mapped, each would make its neighbourhood resident, in time the whole
/// file.
final class IndexFiles {
  private static final Set<String> FULL_VECTORS = Set.of("vec");

  private IndexFiles() {}

  static Directory open(Path folder) throws IOException {
    Directory mapped = FSDirectory.open(folder);
    if (format(mapped) == VectorFormat.F32) {
      return mapped;
    }
    return new FileSwitchDirectory(FULL_VECTORS, new NIOFSDirectory(folder), mapped, true);
  }

  /// Of the last commit; whoever opens the index finds what else is wrong with it.
  private static VectorFormat format(Directory directory) {
    try {
      return CommitData.vectorFormat(SegmentInfos.readLatestCommit(directory).getUserData());
    } catch (IOException | IllegalArgumentException _) {
      return VectorFormat.F32;
    }
  }
}
