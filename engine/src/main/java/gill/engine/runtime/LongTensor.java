package gill.engine.runtime;

import java.util.Arrays;

/// 64-bit integers: token ids, masks, positions.
public record LongTensor(long[] shape, long[] data) implements Tensor {
  public LongTensor {
    if (Tensor.size(shape) != data.length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + data.length + " values");
    }
  }

  public static LongTensor of(long[] data, long... shape) {
    return new LongTensor(shape, data);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LongTensor t
        && Arrays.equals(t.shape, shape)
        && Arrays.equals(t.data, data);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "LongTensor" + Arrays.toString(shape);
  }
}
