package gill.indexer.write;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.UnitVector;
import gill.indexer.flow.Change;
import gill.indexer.flow.Embedding;
import gill.indexer.flow.Failure;
import gill.indexer.flow.Outcome;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An outcome as bytes: a kind (0 indexed, 1 unchanged, 2 failed) and its components in the order
/// of the records; big-endian, texts as byte count and UTF-8, vectors as dimension and f32.
final class OutcomeFormat {
  private OutcomeFormat() {}

  static void write(Outcome outcome, DataOutputStream out) throws IOException {
    switch (outcome) {
      case Outcome.Indexed(
              ImageRecord image,
              Embedding embedding,
              PictureHash hash,
              Change change) -> {
        out.writeByte(0);
        write(image, out);
        write(embedding.clip(), out);
        write(embedding.gill(), out);
        out.writeLong(hash.across());
        out.writeLong(hash.down());
        write(change.name(), out);
      }
      case Outcome.Unchanged(ImageId id) -> {
        out.writeByte(1);
        write(id.value(), out);
      }
      case Outcome.Failed(Failure failure) -> {
        out.writeByte(2);
        write(failure, out);
      }
    }
  }

  static Outcome read(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case 0 ->
          new Outcome.Indexed(
              image(in),
              new Embedding(vector(in), vector(in)),
              new PictureHash(in.readLong(), in.readLong()),
              Change.valueOf(text(in)));
      case 1 -> new Outcome.Unchanged(new ImageId(text(in)));
      case 2 -> new Outcome.Failed(failure(in));
      default -> throw new IOException("unknown kind of outcome " + kind);
    };
  }

  static void write(Failure failure, DataOutputStream out) throws IOException {
    write(failure.id(), out);
    write(failure.path(), out);
    write(failure.reason(), out);
    write(failure.message(), out);
  }

  static Failure failure(DataInputStream in) throws IOException {
    return new Failure(text(in), text(in), text(in), text(in));
  }

  private static void write(ImageRecord image, DataOutputStream out) throws IOException {
    write(image.id().value(), out);
    write(image.caption(), out);
    write(image.keywords(), out);
    write(image.names(), out);
    write(image.source(), out);
    write(image.author(), out);
    write(image.licence(), out);
    write(image.style(), out);
    write(image.group(), out);
    write(image.colours(), out);
    write(image.location(), out);
    write(image.sha256(), out);
    out.writeInt(image.width());
    out.writeInt(image.height());
    write(image.metadata(), out);
  }

  private static ImageRecord image(DataInputStream in) throws IOException {
    return new ImageRecord(
        new ImageId(text(in)),
        text(in),
        texts(in),
        map(in),
        text(in),
        text(in),
        text(in),
        text(in),
        text(in),
        texts(in),
        text(in),
        text(in),
        in.readInt(),
        in.readInt(),
        map(in));
  }

  static void write(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a text of " + length + " bytes goes beyond its frame");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  static void write(List<String> texts, DataOutputStream out) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      write(text, out);
    }
  }

  static List<String> texts(DataInputStream in) throws IOException {
    int size = in.readInt();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      texts.add(text(in));
    }
    return texts;
  }

  static void write(Map<String, String> map, DataOutputStream out) throws IOException {
    out.writeInt(map.size());
    for (Map.Entry<String, String> entry : map.entrySet()) {
      write(entry.getKey(), out);
      write(entry.getValue(), out);
    }
  }

  static Map<String, String> map(DataInputStream in) throws IOException {
    int size = in.readInt();
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      map.put(text(in), text(in));
    }
    return map;
  }

  static void write(UnitVector vector, DataOutputStream out) throws IOException {
    float[] values = vector.toArray();
    out.writeInt(values.length);
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  static UnitVector vector(DataInputStream in) throws IOException {
    int dimension = in.readInt();
    if (dimension < 1 || 4L * dimension > in.available()) {
      throw new IOException("a vector of " + dimension + " dimensions goes beyond its frame");
    }
    float[] values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = in.readFloat();
    }
    return UnitVector.of(values);
  }
}
