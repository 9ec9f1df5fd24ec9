package gill.engine.runtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/// A memory-mapped GGUF file, version 3, little-endian: named tensors of types F32, Q4_1 and Q8_0.
final class GgufFile {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int MAGIC = 0x46554747; // "GGUF"
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int UINT32 = 4;

  /// How values are stored: so many per block, so many bytes per block.
  enum Type {
    F32(0, 1, 4),
    Q4_1(3, 32, 20),
    Q8_0(8, 32, 34);

    final int code;
    final int blockValues;
    final int blockBytes;

    Type(int code, int blockValues, int blockBytes) {
      this.code = code;
      this.blockValues = blockValues;
      this.blockBytes = blockBytes;
    }
  }

  /// A tensor of `rows` rows; a vector is one row.
  record GgufTensor(String name, Type type, int rows, int columns, MemorySegment data) {
    int rowBytes() {
      return columns / type.blockValues * type.blockBytes;
    }
  }

  private final MemorySegment bytes;
  private final Map<String, GgufTensor> tensors = new LinkedHashMap<>();
  private long at;
  private long alignment = 32;

  private GgufFile(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /// Maps the file for as long as `arena` is open.
  static GgufFile open(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      GgufFile gguf = new GgufFile(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
      gguf.parse();
      return gguf;
    } catch (IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException e) {
      throw new IOException(file + ": the GGUF file is cut off or damaged", e);
    }
  }

  /// Throws [IOException] if there is no such tensor.
  GgufTensor tensor(String name) throws IOException {
    GgufTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IOException("the GGUF file has no tensor '" + name + "'");
    }
    return tensor;
  }

  private void parse() throws IOException {
    if (number() != MAGIC || number() != 3) {
      throw new IOException("not a GGUF file of version 3");
    }
    long tensorCount = large();
    long keyCount = large();
    for (long i = 0; i < keyCount; i++) {
      String key = text();
      int type = number();
      if (key.equals("general.alignment") && type == UINT32) {
        alignment = number();
      } else {
        skip(type);
      }
    }
    Map<String, TensorPlace> places = new LinkedHashMap<>();
    for (long i = 0; i < tensorCount; i++) {
      place(places);
    }
    long base = Math.ceilDiv(at, alignment) * alignment;
    for (var entry : places.entrySet()) {
      TensorPlace place = entry.getValue();
      long size = Math.multiplyExact(place.rows, place.columns) / place.type.blockValues;
      MemorySegment data = bytes.asSlice(base + place.offset, size * place.type.blockBytes);
      tensors.put(
          entry.getKey(),
          new GgufTensor(
              entry.getKey(),
              place.type,
              Math.toIntExact(place.rows),
              Math.toIntExact(place.columns),
              data));
    }
  }

  private record TensorPlace(Type type, long rows, long columns, long offset) {}

  private void place(Map<String, TensorPlace> places) throws IOException {
    String name = text();
    int rank = number();
    if (rank < 1 || rank > 2) {
      throw new IOException("tensor '" + name + "' has " + rank + " dimensions, not 1 or 2");
    }
    long columns = large();
    long rows = rank == 2 ? large() : 1;
    int code = number();
    for (Type type : Type.values()) {
      if (type.code == code) {
        places.put(name, new TensorPlace(type, rows, columns, large()));
        return;
      }
    }
    throw new IOException("tensor '" + name + "' has the unknown type " + code);
  }

  private int number() {
    int value = bytes.get(INT, at);
    at += 4;
    return value;
  }

  private long large() {
    long value = bytes.get(LONG, at);
    at += 8;
    return value;
  }

  private String text() {
    long length = large();
    byte[] text = bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    at += length;
    return new String(text, StandardCharsets.UTF_8);
  }

  private void skip(int type) throws IOException {
    switch (type) {
      case 0, 1, 7 -> at += 1;
      case 2, 3 -> at += 2;
      case 4, 5, 6 -> at += 4;
      case 10, 11, 12 -> at += 8;
      case STRING -> at += 8 + bytes.get(LONG, at);
      case ARRAY -> {
        int item = number();
        long count = large();
        for (long i = 0; i < count; i++) {
          skip(item);
        }
      }
      default -> throw new IOException("unknown metadata type " + type);
    }
  }
}
