package gill.engine.runtime;

import java.util.List;

/// A declared input or output of an ONNX graph.
///
/// @param shape one entry per dimension, -1 where the graph leaves it open
public record TensorInfo(String name, ElementType type, List<Long> shape) {
  /// The element types this product's graphs use; everything else is OTHER.
  public enum ElementType {
    FLOAT,
    FLOAT16,
    INT64,
    OTHER
  }

  public TensorInfo {
    shape = List.copyOf(shape);
  }
}
