package gill.engine.runtime;

/// A model input or output on the Java heap, row-major.
///
/// Unlike the flow types these are plumbing: arrays are handed over, not copied.
public sealed interface Tensor permits FloatTensor, LongTensor {
  long[] shape();

  /// The number of values a shape holds. Throws [IllegalArgumentException] on a negative dimension.
  static int size(long[] shape) {
    long size = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException("a dimension must not be negative, got " + dimension);
      }
      size = Math.multiplyExact(size, dimension);
    }
    return Math.toIntExact(size);
  }
}
