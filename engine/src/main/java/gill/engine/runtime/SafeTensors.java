package gill.engine.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads a safetensors file: an 8-byte little-endian header length, a JSON header, then raw values.
///
/// F64, F32, F16 and BF16 become floats; I64, I32, U8 and BOOL become longs.
public final class SafeTensors {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_HEADER_BYTES = 16 << 20;

  private SafeTensors() {}

  /// The floating-point tensors by name, in file order.
  public static Map<String, FloatTensor> read(Path file) {
    Map<String, FloatTensor> floats = new LinkedHashMap<>();
    readAll(file)
        .forEach((name, tensor) -> {
          if (tensor instanceof FloatTensor values) {
            floats.put(name, values);
          }
        });
    return floats;
  }

  /// All tensors by name, in file order. Throws [UncheckedIOException] if the file cannot be read
  /// or is malformed.
  public static Map<String, Tensor> readAll(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes =
          channel.map(MapMode.READ_ONLY, 0, channel.size()).order(ByteOrder.LITTLE_ENDIAN);
      long headerLength = bytes.remaining() < 8 ? -1 : bytes.getLong(0);
      if (headerLength < 0 || headerLength > Math.min(MAX_HEADER_BYTES, bytes.limit() - 8)) {
        throw new IOException("not a safetensors file");
      }
      byte[] header = new byte[(int) headerLength];
      bytes.get(8, header);
      int start = 8 + header.length;
      ByteBuffer data = bytes.slice(start, bytes.limit() - start).order(ByteOrder.LITTLE_ENDIAN);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (var entry : JSON.readTree(new String(header, StandardCharsets.UTF_8)).properties()) {
        if (!entry.getKey().equals("__metadata__")) {
          tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), data));
        }
      }
      return tensors;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (JacksonException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new UncheckedIOException(
          "cannot read " + file, new IOException("malformed safetensors: " + e.getMessage(), e));
    }
  }

  private static Tensor tensor(String name, JsonNode info, ByteBuffer data) throws IOException {
    JsonNode dimensions = info.path("shape");
    long[] shape = new long[dimensions.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dimensions.get(i).asLong();
    }
    int begin = Math.toIntExact(info.path("data_offsets").path(0).asLong());
    int end = Math.toIntExact(info.path("data_offsets").path(1).asLong());
    ByteBuffer values = data.slice(begin, end - begin).order(ByteOrder.LITTLE_ENDIAN);
    String type = info.path("dtype").asString();
    int width =
        switch (type) {
          case "F64", "I64" -> 8;
          case "F32", "I32" -> 4;
          case "F16", "BF16" -> 2;
          case "U8", "BOOL" -> 1;
          default -> throw new IOException("tensor '" + name + "' has the unknown type " + type);
        };
    int size = Tensor.size(shape);
    if (values.remaining() != (long) size * width) {
      throw new IOException(
          "tensor '" + name + "' has " + values.remaining() + " bytes, not " + size * width);
    }
    return switch (type) {
      case "F64", "F32", "F16", "BF16" -> new FloatTensor(shape, floats(values, type, size));
      default -> new LongTensor(shape, longs(values, type, size));
    };
  }

  private static float[] floats(ByteBuffer values, String type, int size) {
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] =
          switch (type) {
            case "F64" -> (float) values.getDouble();
            case "F32" -> values.getFloat();
            case "F16" -> Float.float16ToFloat(values.getShort());
            default -> Float.intBitsToFloat(values.getShort() << 16);
          };
    }
    return floats;
  }

  private static long[] longs(ByteBuffer values, String type, int size) {
    long[] longs = new long[size];
    for (int i = 0; i < size; i++) {
      longs[i] =
          switch (type) {
            case "I64" -> values.getLong();
            case "I32" -> values.getInt();
            default -> Byte.toUnsignedLong(values.get());
          };
    }
    return longs;
  }
}
