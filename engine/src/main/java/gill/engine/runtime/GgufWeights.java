package gill.engine.runtime;

import gill.engine.runtime.GgufFile.GgufTensor;
import gill.engine.runtime.GgufFile.Type;
import gill.engine.runtime.ImportRecipe.Weight;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/// The converter `gguf-q8`: 4-bit and 8-bit GGUF blocks to the 8-bit rows the language model's
/// graph points into. docs/model-bundle-format.md says why; this class is that table, byte for
/// byte.
///
/// Q4_1: value = d·q + m, q in 0…15. With Q = 17·q, scale = d/17 and zero point z = round(−17·m/d)
/// it is scale·(Q − z) but for the rounding of z. Q8_0: value = d·q = d·((q + 128) − 128).
final class GgufWeights {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int BLOCK = 32;

  private GgufWeights() {}

  /// Writes `target`. `progress` hears the bytes written so far.
  static void write(GgufFile gguf, List<Weight> weights, Path target, LongConsumer progress)
      throws IOException {
    long at = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 20)) {
      for (Weight weight : weights) {
        if (weight.offset() < at) {
          throw new IOException("tensor '" + weight.name() + "' overlaps the one before");
        }
        for (; at < weight.offset(); at++) {
          out.write(0);
        }
        long written = write(gguf, weight, out);
        if (written != weight.bytes()) {
          throw new IOException(
              "tensor '"
                  + weight.name()
                  + "' must have "
                  + weight.bytes()
                  + " bytes, has "
                  + written);
        }
        at += written;
        progress.accept(at);
      }
    }
  }

  private static long write(GgufFile gguf, Weight weight, OutputStream out) throws IOException {
    long written = 0;
    for (int i = 0; i < weight.gguf().size(); i++) {
      GgufTensor source = gguf.tensor(weight.gguf().get(i));
      int heads = weight.heads().get(i);
      for (int row = 0; row < source.rows(); row++) {
        long from = (long) storedRow(row, source.rows(), heads) * source.rowBytes();
        MemorySegment stored = source.data().asSlice(from, source.rowBytes());
        byte[] made = row(weight, source, stored);
        out.write(made);
        written += made.length;
      }
    }
    return written;
  }

  /// GGUF interleaves the two rotary halves of each head; this finds where it put a row.
  static int storedRow(int row, int rows, int heads) {
    if (heads == 0) {
      return row;
    }
    int half = rows / heads / 2;
    int head = row / (2 * half);
    int part = row / half % 2;
    int index = row % half;
    return head * 2 * half + 2 * index + part;
  }

  private static byte[] row(Weight weight, GgufTensor source, MemorySegment stored)
      throws IOException {
    return switch (weight.kind()) {
      case "f32" -> {
        require(source, Type.F32);
        yield stored.toArray(ValueLayout.JAVA_BYTE);
      }
      case "q4_1.values" -> q41Values(source, stored);
      case "q4_1.scales" -> q41Scales(source, stored);
      case "q4_1.zero_points" -> q41ZeroPoints(source, stored);
      case "q8_0.values" -> q80Values(source, stored);
      case "q8_0.scales" -> q80Scales(source, stored);
      default ->
          throw new IOException(
              "tensor '" + weight.name() + "' has the unknown kind '" + weight.kind() + "'");
    };
  }

  private static void require(GgufTensor source, Type type) throws IOException {
    if (source.type() != type) {
      throw new IOException(
          "tensor '" + source.name() + "' must be " + type + ", is " + source.type());
    }
  }

  private static byte[] q41Values(GgufTensor source, MemorySegment stored) throws IOException {
    require(source, Type.Q4_1);
    byte[] values = new byte[source.columns()];
    for (int block = 0; block < source.columns() / BLOCK; block++) {
      for (int j = 0; j < BLOCK / 2; j++) {
        int pair = stored.get(ValueLayout.JAVA_BYTE, (long) block * 20 + 4 + j);
        values[block * BLOCK + j] = (byte) (17 * (pair & 15));
        values[block * BLOCK + BLOCK / 2 + j] = (byte) (17 * (pair >> 4 & 15));
      }
    }
    return values;
  }

  private static byte[] q41Scales(GgufTensor source, MemorySegment stored) throws IOException {
    require(source, Type.Q4_1);
    ByteBuffer scales = floats(source.columns() / BLOCK);
    for (int block = 0; block < source.columns() / BLOCK; block++) {
      scales.putFloat(half(stored, block * 20L) / 17f);
    }
    return scales.array();
  }

  private static byte[] q41ZeroPoints(GgufTensor source, MemorySegment stored) throws IOException {
    require(source, Type.Q4_1);
    byte[] zeroPoints = new byte[source.columns() / BLOCK];
    for (int block = 0; block < zeroPoints.length; block++) {
      float d = half(stored, block * 20L);
      float m = half(stored, block * 20L + 2);
      if (d == 0 && m != 0) {
        throw new IOException("tensor '" + source.name() + "' has a block with d = 0 and m = " + m);
      }
      double zeroPoint = d == 0 ? 0 : Math.rint((-17f * m) / d);
      if (!(zeroPoint >= 0 && zeroPoint <= 255)) {
        throw new IOException(
            "tensor '" + source.name() + "' has a zero point outside 0…255: " + zeroPoint);
      }
      zeroPoints[block] = (byte) (int) zeroPoint;
    }
    return zeroPoints;
  }

  private static byte[] q80Values(GgufTensor source, MemorySegment stored) throws IOException {
    require(source, Type.Q8_0);
    byte[] values = new byte[source.columns()];
    for (int block = 0; block < source.columns() / BLOCK; block++) {
      for (int j = 0; j < BLOCK; j++) {
        byte q = stored.get(ValueLayout.JAVA_BYTE, block * 34L + 2 + j);
        values[block * BLOCK + j] = (byte) (q + 128);
      }
    }
    return values;
  }

  private static byte[] q80Scales(GgufTensor source, MemorySegment stored) throws IOException {
    require(source, Type.Q8_0);
    ByteBuffer scales = floats(source.columns() / BLOCK);
    for (int block = 0; block < source.columns() / BLOCK; block++) {
      scales.putFloat(half(stored, block * 34L));
    }
    return scales.array();
  }

  private static ByteBuffer floats(int count) {
    return ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static float half(MemorySegment stored, long offset) {
    return Float.float16ToFloat(stored.get(SHORT, offset));
  }
}
