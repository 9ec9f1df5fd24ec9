package gill.engine.runtime;

import gill.engine.runtime.TensorInfo.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The inputs and outputs an ONNX file declares, read from the file's protobuf without loading it
/// into a runtime: weights are skipped, so this takes well under a millisecond.
public record OnnxSignature(List<TensorInfo> inputs, List<TensorInfo> outputs) {
  // Field numbers of onnx.proto.
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int GRAPH_INPUT = 11;
  private static final int GRAPH_OUTPUT = 12;
  private static final int TENSOR_NAME = 8;
  private static final int VALUE_NAME = 1;
  private static final int VALUE_TYPE = 2;
  private static final int TYPE_TENSOR = 1;
  private static final int TENSOR_ELEMENT = 1;
  private static final int TENSOR_SHAPE = 2;
  private static final int SHAPE_DIMENSION = 1;
  private static final int DIMENSION_VALUE = 1;

  public OnnxSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /// Throws [IOException] if the file cannot be read or is not an ONNX model.
  public static OnnxSignature read(Path onnx) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel file = FileChannel.open(onnx, StandardOpenOption.READ)) {
      MemorySegment bytes = file.map(MapMode.READ_ONLY, 0, file.size(), arena);
      Message model = new Message(bytes, 0, bytes.byteSize());
      List<Message> graphs = model.messages(MODEL_GRAPH);
      if (graphs.isEmpty()) {
        throw new IOException("no graph in it");
      }
      return read(graphs.getFirst());
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IOException("not an ONNX model: " + e.getMessage(), e);
    }
  }

  private static OnnxSignature read(Message graph) throws IOException {
    Set<String> weights = new HashSet<>();
    List<TensorInfo> inputs = new ArrayList<>();
    List<TensorInfo> outputs = new ArrayList<>();
    for (Field field : graph.fields()) {
      switch (field.number()) {
        case GRAPH_INITIALIZER -> weights.add(field.message().text(TENSOR_NAME));
        case GRAPH_INPUT -> inputs.add(value(field.message()));
        case GRAPH_OUTPUT -> outputs.add(value(field.message()));
        default -> {}
      }
    }
    // Before IR version 4 weights were listed as inputs too.
    inputs.removeIf(input -> weights.contains(input.name()));
    return new OnnxSignature(inputs, outputs);
  }

  private static TensorInfo value(Message value) throws IOException {
    ElementType type = ElementType.OTHER;
    List<Long> shape = new ArrayList<>();
    for (Message declared : value.messages(VALUE_TYPE)) {
      for (Message tensor : declared.messages(TYPE_TENSOR)) {
        for (Field field : tensor.fields()) {
          if (field.number() == TENSOR_ELEMENT) {
            type = elementType(field.value());
          } else if (field.number() == TENSOR_SHAPE) {
            for (Message dimension : field.message().messages(SHAPE_DIMENSION)) {
              shape.add(dimension(dimension));
            }
          }
        }
      }
    }
    return new TensorInfo(value.text(VALUE_NAME), type, shape);
  }

  private static long dimension(Message dimension) throws IOException {
    for (Field field : dimension.fields()) {
      if (field.number() == DIMENSION_VALUE) {
        return field.value();
      }
    }
    return -1;
  }

  private static ElementType elementType(long onnxType) {
    return switch ((int) onnxType) {
      case 1 -> ElementType.FLOAT;
      case 7 -> ElementType.INT64;
      case 10 -> ElementType.FLOAT16;
      default -> ElementType.OTHER;
    };
  }

  /// A protobuf field: `value` for numbers, `[start, end)` for length-delimited content.
  private record Field(MemorySegment bytes, int number, long value, long start, long end) {
    Message message() {
      return new Message(bytes, start, end);
    }
  }

  private record Message(MemorySegment bytes, long start, long end) {
    List<Message> messages(int number) throws IOException {
      return fields().stream().filter(f -> f.number() == number).map(Field::message).toList();
    }

    String text(int number) throws IOException {
      for (Field field : fields()) {
        if (field.number() == number) {
          byte[] text =
              bytes
                  .asSlice(field.start(), field.end() - field.start())
                  .toArray(ValueLayout.JAVA_BYTE);
          return new String(text, StandardCharsets.UTF_8);
        }
      }
      return "";
    }

    List<Field> fields() throws IOException {
      List<Field> fields = new ArrayList<>();
      long at = start;
      while (at < end) {
        long tag = varint(at);
        at += varintLength(at);
        int number = (int) (tag >>> 3);
        int wire = (int) (tag & 7);
        switch (wire) {
          case 0 -> {
            fields.add(new Field(bytes, number, varint(at), at, at));
            at += varintLength(at);
          }
          case 1 -> at += 8;
          case 2 -> {
            long length = varint(at);
            at += varintLength(at);
            if (length < 0 || at + length > end) {
              throw new IOException("not an ONNX model: a field runs past the end of the file");
            }
            fields.add(new Field(bytes, number, 0, at, at + length));
            at += length;
          }
          case 5 -> at += 4;
          default -> throw new IOException("not an ONNX model: wire type " + wire);
        }
      }
      return fields;
    }

    private long varint(long at) {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7, at++) {
        byte next = bytes.get(ValueLayout.JAVA_BYTE, at);
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IllegalArgumentException("a number has more than 64 bits");
    }

    private int varintLength(long at) {
      int length = 1;
      while (bytes.get(ValueLayout.JAVA_BYTE, at++) < 0) {
        length++;
      }
      return length;
    }
  }
}
