package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.MergeScheduler;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.Lock;
import org.apache.lucene.store.LockObtainFailedException;

/// The folder of an index, as its writer opens and leaves it.
final class IndexFolder {
  /// What an index folder may hold: Lucene's files, the indexer's reports, the takedown list.
  private static final Pattern OWN_FILES =
      Pattern.compile(
          "_[a-z0-9]+[._].*|(pending_)?segments_?.*|write\\.lock"
              + "|indexing-[a-z]+(\\.part)?\\.(jsonl?|bin|html|parquet)|takedown\\.txt(\\.new)?");

  private IndexFolder() {}

  /// Makes the folder if it is missing.
  static Directory open(Path index) {
    try {
      Files.createDirectories(index);
      return FSDirectory.open(index);
    } catch (IOException e) {
      throw new IndexException(
          "cannot write to the index folder " + index + ": " + IndexFaults.reason(e), e);
    }
  }

  /// The folder's one writer; the directory is closed if there can be none.
  static IndexWriter writer(Path index, Directory directory, OpenMode mode, VectorCodec codec) {
    try {
      IndexWriterConfig config =
          new IndexWriterConfig(TextAnalysis.analyzer())
              .setCodec(codec)
              .setMergeScheduler(merging())
              .setOpenMode(mode)
              .setCommitOnClose(false)
              .setRAMBufferSizeMB(256);
      if (mode == OpenMode.CREATE) {
        config.setMergePolicy(new BulkMerges());
      }
      return new IndexWriter(directory, config);
    } catch (LockObtainFailedException e) {
      close(directory, e);
      throw new IndexException(
          "the index "
              + index
              + " is being written by another indexing job or server: wait for it to end",
          e);
    } catch (IOException e) {
      close(directory, e);
      throw new IndexException(
          "cannot write to the index " + index + ": " + IndexFaults.reason(e), e);
    }
  }

  /// All cores build the graph of a merged segment: the scheduler lends a merge one thread less
  /// than those that are left beside it.
  static MergeScheduler merging() {
    ConcurrentMergeScheduler merging = new ConcurrentMergeScheduler();
    merging.setMaxMergesAndThreads(VectorCodec.workers() + 5, VectorCodec.workers() + 1);
    return merging;
  }

  /// Gives up a writer that cannot be used, and its directory.
  static void close(IndexWriter writer, Exception cause) {
    try {
      writer.rollback();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    close(writer.getDirectory(), cause);
  }

  private static void close(Directory directory, Exception cause) {
    try {
      directory.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /// A folder that holds anything but an index is not to be overwritten.
  static void refuseForeign(Path index) {
    if (!Files.exists(index)) {
      return;
    }
    if (!Files.isDirectory(index)) {
      throw new IndexException(index + " is a file: an index is a folder, name another");
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(index)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!OWN_FILES.matcher(name).matches()) {
          throw new IndexException(
              index
                  + " is not an index (it holds '"
                  + name
                  + "') and will not be overwritten: name an empty or new folder");
        }
      }
    } catch (IOException e) {
      throw new IndexException(
          "cannot read the index folder " + index + ": " + IndexFaults.reason(e), e);
    }
  }

  /// Deletes what a broken-off writing left, which Lucene keeps: on a full disk that is the space
  /// the next attempt needs.
  static void sweep(Directory directory) throws IOException {
    try (Lock _ = directory.obtainLock(IndexWriter.WRITE_LOCK_NAME)) {
      Set<String> kept = new HashSet<>();
      if (DirectoryReader.indexExists(directory)) {
        kept.addAll(SegmentInfos.readLatestCommit(directory).files(true));
      }
      for (String file : directory.listAll()) {
        boolean ours =
            IndexFileNames.CODEC_FILE_PATTERN.matcher(file).matches()
                || file.startsWith(IndexFileNames.SEGMENTS)
                || file.startsWith(IndexFileNames.PENDING_SEGMENTS);
        if (ours && !kept.contains(file)) {
          directory.deleteFile(file);
        }
      }
    }
  }
}
