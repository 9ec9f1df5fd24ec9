package gill.indexer.write;

import gill.engine.flow.ImageId;
import gill.engine.flow.PictureHash;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Embedding;
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

/// Some rows of a source in a file, for a process elsewhere: an i32 number of rows, then for each a
/// kind (0 described, 1 embedded, 2 broken) and its components in the order of the records, as in
/// [OutcomeFormat].
public final class RowFile {
  private RowFile() {}

  /// Replaces the file.
  public static void write(Path file, List<CorpusRow> rows) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeInt(rows.size());
      for (CorpusRow row : rows) {
        write(row, out);
      }
    }
  }

  public static List<CorpusRow> read(Path file) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)));
    int size = in.readInt();
    List<CorpusRow> rows = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      rows.add(row(in));
    }
    return rows;
  }

  private static void write(CorpusRow row, DataOutputStream out) throws IOException {
    switch (row) {
      case CorpusRow.Described(String place, CorpusEntry entry) -> {
        out.writeByte(0);
        OutcomeFormat.write(place, out);
        write(entry, out);
      }
      case CorpusRow.Embedded(
              String place,
              CorpusEntry entry,
              int width,
              int height,
              PictureHash hash,
              Embedding embedding) -> {
        out.writeByte(1);
        OutcomeFormat.write(place, out);
        write(entry, out);
        out.writeInt(width);
        out.writeInt(height);
        out.writeLong(hash.across());
        out.writeLong(hash.down());
        OutcomeFormat.write(embedding.clip(), out);
        OutcomeFormat.write(embedding.gill(), out);
      }
      case CorpusRow.Broken(Failure failure) -> {
        out.writeByte(2);
        OutcomeFormat.write(failure, out);
      }
    }
  }

  private static CorpusRow row(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new CorpusRow.Described(OutcomeFormat.text(in), entry(in));
      case 1 ->
          new CorpusRow.Embedded(
              OutcomeFormat.text(in),
              entry(in),
              in.readInt(),
              in.readInt(),
              new PictureHash(in.readLong(), in.readLong()),
              new Embedding(OutcomeFormat.vector(in), OutcomeFormat.vector(in)));
      case 2 -> new CorpusRow.Broken(OutcomeFormat.failure(in));
      default -> throw new IOException("unknown kind of row " + kind);
    };
  }

  private static void write(CorpusEntry entry, DataOutputStream out) throws IOException {
    OutcomeFormat.write(entry.id().value(), out);
    OutcomeFormat.write(entry.location(), out);
    OutcomeFormat.write(entry.caption(), out);
    OutcomeFormat.write(entry.keywords(), out);
    OutcomeFormat.write(entry.names(), out);
    OutcomeFormat.write(entry.source(), out);
    OutcomeFormat.write(entry.author(), out);
    OutcomeFormat.write(entry.licence(), out);
    OutcomeFormat.write(entry.style(), out);
    OutcomeFormat.write(entry.group(), out);
    OutcomeFormat.write(entry.colours(), out);
    OutcomeFormat.write(entry.sha256(), out);
    OutcomeFormat.write(entry.metadata(), out);
  }

  private static CorpusEntry entry(DataInputStream in) throws IOException {
    return new CorpusEntry(
        new ImageId(OutcomeFormat.text(in)),
        OutcomeFormat.text(in),
        OutcomeFormat.text(in),
        OutcomeFormat.texts(in),
        OutcomeFormat.map(in),
        OutcomeFormat.text(in),
        OutcomeFormat.text(in),
        OutcomeFormat.text(in),
        OutcomeFormat.text(in),
        OutcomeFormat.text(in),
        OutcomeFormat.texts(in),
        OutcomeFormat.text(in),
        OutcomeFormat.map(in));
  }
}
