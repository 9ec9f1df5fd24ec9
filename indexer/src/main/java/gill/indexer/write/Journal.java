package gill.indexer.write;

import gill.indexer.flow.Outcome;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.zip.CRC32;

/// A job's checkpoint: the outcomes of all batches done so far, in the file [#FILE] of the index
/// folder. A job that is broken off at any point, its machine switched off included, goes on from
/// here and loses the batch under way at most.
///
/// The file is a row of frames, each an i32 length, an i32 CRC-32 and that many bytes. The first
/// names the job; each further one is a batch: i32 number of rows, then for each an i64 stamp and
/// the outcome ([OutcomeFormat]). A frame that is cut short or damaged ends the journal: it and
/// what follows is dropped. Not for use by several threads.
public final class Journal implements AutoCloseable {
  public static final String FILE = "indexing-journal.bin";

  private static final int HEAD = 8;
  private static final int MAX_FRAME = 1 << 30;

  /// A row that was dealt with.
  ///
  /// @param stamp tells this row, and its file as it was, from any other
  public record Row(long stamp, Outcome outcome) {}

  private final Path file;
  private final FileChannel channel;

  private Journal(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /// Opens the journal of an index folder. One that another job wrote (other bundle, source or
  /// options) is emptied.
  ///
  /// @param job names all that an outcome depends on besides its row
  public static Journal open(Path index, String job) {
    Path file = index.resolve(FILE);
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Journal journal = new Journal(file, channel);
      if (!journal.isOf(job)) {
        channel.truncate(0);
        journal.append(out -> OutcomeFormat.write(job, out));
      }
      return journal;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /// Whether a job was broken off that wrote to this index folder.
  public static boolean exists(Path index) {
    return Files.exists(index.resolve(FILE));
  }

  /// Forgets a job that was broken off.
  public static void delete(Path index) {
    try {
      Files.deleteIfExists(index.resolve(FILE));
    } catch (IOException e) {
      throw failed(index.resolve(FILE), e);
    }
  }

  private boolean isOf(String job) throws IOException {
    try (DataInputStream in = input()) {
      return frame(in) instanceof Frame.Whole(byte[] bytes)
          && OutcomeFormat.text(new DataInputStream(new ByteArrayInputStream(bytes))).equals(job);
    }
  }

  /// Hands over the recorded rows, batch by batch, as long as their stamps are those of the source
  /// now, and forgets the rest. Returns the number of rows handed over.
  ///
  /// @param nextIs takes the source's next row and compares its stamp
  public long resume(LongPredicate nextIs, Consumer<List<Row>> batches) {
    long rows = 0;
    long end = 0;
    try (DataInputStream in = input()) {
      Frame frame = frame(in);
      while (frame instanceof Frame.Whole(byte[] bytes)) {
        if (end > 0) {
          List<Row> batch = rows(bytes);
          if (!batch.stream().allMatch(row -> nextIs.test(row.stamp()))) {
            break;
          }
          batches.accept(batch);
          rows += batch.size();
        }
        end += HEAD + bytes.length;
        frame = frame(in);
      }
      channel.truncate(end);
      channel.position(end);
      return rows;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /// Adds a batch. When this returns, the batch is on the disk.
  public void append(List<Row> batch) {
    try {
      append(out -> {
        out.writeInt(batch.size());
        for (Row row : batch) {
          out.writeLong(row.stamp());
          OutcomeFormat.write(row.outcome(), out);
        }
      });
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static List<Row> rows(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int size = in.readInt();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      rows.add(new Row(in.readLong(), OutcomeFormat.read(in)));
    }
    return rows;
  }

  @FunctionalInterface
  private interface Content {
    void write(DataOutputStream out) throws IOException;
  }

  private void append(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    content.write(new DataOutputStream(bytes));
    byte[] payload = bytes.toByteArray();
    ByteBuffer frame = ByteBuffer.allocate(HEAD + payload.length);
    frame.putInt(payload.length).putInt(crc(payload)).put(payload).flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
    channel.force(false);
  }

  private DataInputStream input() throws IOException {
    return new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
  }

  private sealed interface Frame {
    record Whole(byte[] bytes) implements Frame {}

    record End() implements Frame {}
  }

  private static Frame frame(DataInputStream in) throws IOException {
    try {
      int length = in.readInt();
      int crc = in.readInt();
      if (length < 0 || length > MAX_FRAME) {
        return new Frame.End();
      }
      byte[] bytes = in.readNBytes(length);
      return bytes.length == length && crc(bytes) == crc ? new Frame.Whole(bytes) : new Frame.End();
    } catch (EOFException _) {
      return new Frame.End();
    }
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static UncheckedIOException failed(Path file, IOException e) {
    return new UncheckedIOException(
        "cannot keep the checkpoint " + file + ": " + e.getMessage() + ". Free space, run again",
        e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
