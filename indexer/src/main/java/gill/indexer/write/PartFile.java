package gill.indexer.write;

import gill.indexer.flow.Failure;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What became of a part of a source, beside the images of its embedding Parquet.
///
/// The file holds the components in order, big-endian; a failure is its row and the texts of
/// [OutcomeFormat].
///
/// @param stamp tells these rows, and their files as they were, from any other
/// @param failures in the order of the source
public record PartFile(long stamp, long rows, long images, List<FailedRow> failures) {
  /// @param row place in the source, from 0
  public record FailedRow(long row, Failure failure) {}

  public PartFile {
    failures = List.copyOf(failures);
  }

  public void write(Path file) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeLong(stamp);
      out.writeLong(rows);
      out.writeLong(images);
      out.writeInt(failures.size());
      for (FailedRow failed : failures) {
        out.writeLong(failed.row());
        OutcomeFormat.write(failed.failure(), out);
      }
    }
  }

  public static PartFile read(Path file) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)));
    long stamp = in.readLong();
    long rows = in.readLong();
    long images = in.readLong();
    int size = in.readInt();
    List<FailedRow> failures = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      failures.add(new FailedRow(in.readLong(), OutcomeFormat.failure(in)));
    }
    return new PartFile(stamp, rows, images, failures);
  }
}
