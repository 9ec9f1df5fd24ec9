package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.NoLockFactory;

/// A copy of an index's last commit: an index of its own, with its takedown list.
///
/// @param folder where the copy lies
/// @param images how many it holds
public record IndexSnapshot(Path folder, int images, long bytes) {
  private static final int ATTEMPTS = 5;

  /// Copies the last commit of `index` into a new or empty folder and checks the copy. A server or
  /// job may go on writing the index meanwhile. Throws [IndexException] if the index is damaged,
  /// the folder holds something, or the copy does not fit the disk; the folder is then left empty.
  public static IndexSnapshot take(Path index, Path folder) {
    LuceneBackend.readHeader(index);
    requireEmpty(folder);
    List<Path> copied = new ArrayList<>();
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          copyCommit(index, folder, copied);
          break;
        } catch (NoSuchFileException e) {
          // A newer commit has taken the place of the one that was being copied.
          delete(copied);
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
      if (Files.exists(index.resolve(TakedownList.FILE))) {
        copy(index, folder, TakedownList.FILE, copied);
      }
      IndexCheck check = IndexCheck.of(folder);
      if (!check.sound()) {
        throw new IndexException(
            "the index " + index + " is damaged, no snapshot was made: " + check.faults());
      }
      long bytes = 0;
      for (Path file : copied) {
        bytes += Files.size(file);
      }
      return new IndexSnapshot(folder, check.images(), bytes);
    } catch (IOException | RuntimeException e) {
      delete(copied);
      throw e instanceof IndexException fault
          ? fault
          : new IndexException(
              "cannot copy the index " + index + " to " + folder + ": " + e.getMessage(), e);
    }
  }

  /// Makes a snapshot the index of `index`, as one commit: readers turn to it, a crash leaves
  /// either. What either takedown list forbids stays out. Returns the number of images. Throws
  /// [IndexException] if the snapshot is damaged, `index` holds anything but an index, or another
  /// writer is at work.
  public static int restore(Path folder, Path index) {
    IndexCheck check = IndexCheck.of(folder);
    if (!check.sound()) {
      throw new IndexException(
          "the snapshot " + folder + " is damaged and was not restored: " + check.faults());
    }
    if (folder.toAbsolutePath().normalize().equals(index.toAbsolutePath().normalize())) {
      throw new IndexException("the snapshot and the index are the same folder: " + index);
    }
    try (ImageIndexWriter writer =
        ImageIndexWriter.replace(index, LuceneBackend.readHeader(folder))) {
      return writer.copyOf(folder);
    }
  }

  private static void requireEmpty(Path folder) {
    try {
      Files.createDirectories(folder);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        if (files.iterator().hasNext()) {
          throw new IndexException(folder + " is not empty: a snapshot needs a folder of its own");
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw new IndexException(folder + " is a file: a snapshot needs a folder of its own", e);
    } catch (IOException e) {
      throw new IndexException("cannot write to " + folder + ": " + IndexFaults.reason(e), e);
    }
  }

  /// Copies the commit's files, the list of segments last: without it there is no index.
  private static void copyCommit(Path index, Path folder, List<Path> copied) throws IOException {
    try (Directory directory = FSDirectory.open(index, NoLockFactory.INSTANCE)) {
      SegmentInfos commit = SegmentInfos.readLatestCommit(directory);
      for (String file : commit.files(false)) {
        copy(index, folder, file, copied);
      }
      copy(index, folder, commit.getSegmentsFileName(), copied);
    }
  }

  private static void copy(Path from, Path to, String file, List<Path> copied) throws IOException {
    Path target = to.resolve(file);
    copied.add(target);
    Files.copy(from.resolve(file), target, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void delete(List<Path> files) {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new IndexException(
            "cannot remove the unfinished " + file + ": " + IndexFaults.reason(e), e);
      }
    }
    files.clear();
  }
}
