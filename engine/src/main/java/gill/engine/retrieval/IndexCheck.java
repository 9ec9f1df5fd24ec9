package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.CheckIndex.Status.SegmentInfoStatus;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.NoLockFactory;

/// What a reading of every byte of an index's last commit found.
///
/// @param images what can be found of them; 0 if the index cannot be opened at all
/// @param faults one sentence each, naming the file or segment; empty if the index is sound
public record IndexCheck(Path index, int images, List<Segment> segments, List<String> faults) {
  /// A commit made while the check ran may have deleted files under it: then it starts again.
  private static final int ATTEMPTS = 3;

  /// @param deleted images of the segment that were taken out
  /// @param sound false if a file of the segment is missing or damaged
  public record Segment(String name, int images, int deleted, long bytes, boolean sound) {}

  public IndexCheck {
    segments = List.copyOf(segments);
    faults = List.copyOf(faults);
  }

  public boolean sound() {
    return faults.isEmpty();
  }

  /// Checks the folder's last commit: every checksum, and that the parts of each segment agree.
  /// Another process may be writing meanwhile. Throws [IndexException] if there is no such folder
  /// or it cannot be read.
  public static IndexCheck of(Path index) {
    if (!Files.isDirectory(index)) {
      throw new IndexException(
          "there is no index folder "
              + index.toAbsolutePath()
              + ": name one that './gill index' wrote");
    }
    try (Directory directory = FSDirectory.open(index, NoLockFactory.INSTANCE)) {
      IndexCheck check = once(index, directory);
      String before = "";
      for (int i = 1; i < ATTEMPTS && !check.sound(); i++) {
        String now = String.valueOf(SegmentInfos.getLastCommitSegmentsFileName(directory));
        if (now.equals(before)) {
          break;
        }
        before = now;
        check = once(index, directory);
      }
      return check;
    } catch (IOException e) {
      throw new IndexException(
          "cannot read the index folder " + index + ": " + IndexFaults.reason(e), e);
    }
  }

  /// The fingerprint of the bundle that made the index's vectors.
  public static String fingerprint(Path index) {
    return LuceneBackend.readHeader(index).bundle().fingerprint();
  }

  private static IndexCheck once(Path index, Directory directory) throws IOException {
    if (SegmentInfos.getLastCommitGeneration(directory) < 0) {
      return broken(index, "there is no commit in " + index);
    }
    List<String> faults = new ArrayList<>();
    Map<String, Integer> deleted = new HashMap<>();
    try {
      SegmentInfos commit = SegmentInfos.readLatestCommit(directory);
      commit.forEach(segment -> deleted.put(segment.info.name, segment.getDelCount()));
      CommitData.header(index, commit.getUserData());
    } catch (IndexException e) {
      faults.add(String.valueOf(e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      return broken(
          index,
          SegmentInfos.getLastCommitSegmentsFileName(directory)
              + " or a file it names is missing or damaged: "
              + e.getMessage());
    }
    CheckIndex.Status status;
    try (CheckIndex check = new CheckIndex(directory, directory.obtainLock("check"))) {
      check.setThreadCount(1);
      status = check.checkIndex();
    }
    if (status.missingSegments) {
      faults.add("the list of segments cannot be read");
    }
    List<Segment> segments = new ArrayList<>();
    for (SegmentInfoStatus segment : status.segmentInfos) {
      segments.add(segment(directory, segment, deleted.getOrDefault(segment.name, 0)));
      if (segment.error != null || !segment.openReaderPassed) {
        faults.add(
            "segment "
                + segment.name
                + " is damaged, with it "
                + segment.toLoseDocCount
                + " images: "
                + (segment.error == null ? "it cannot be opened" : segment.error.getMessage()));
      }
    }
    if (!status.clean && faults.isEmpty()) {
      faults.add("the segments do not agree with the list of segments");
    }
    int images =
        segments.stream().filter(Segment::sound).mapToInt(s -> s.images() - s.deleted()).sum();
    return new IndexCheck(index, images, segments, faults);
  }

  private static Segment segment(Directory directory, SegmentInfoStatus status, int deleted)
      throws IOException {
    long bytes = 0;
    for (String file : directory.listAll()) {
      if (IndexFileNames.parseSegmentName(file).equals(status.name)) {
        bytes += directory.fileLength(file);
      }
    }
    boolean sound = status.error == null && status.openReaderPassed;
    return new Segment(status.name, status.maxDoc, deleted, bytes, sound);
  }

  private static IndexCheck broken(Path index, String fault) {
    return new IndexCheck(index, 0, List.of(), List.of(fault));
  }
}
