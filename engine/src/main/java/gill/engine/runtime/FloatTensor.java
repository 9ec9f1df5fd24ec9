package gill.engine.runtime;

import gill.engine.flow.Matrix;
import java.util.Arrays;

/// 32-bit floats. Float16 outputs arrive widened.
public record FloatTensor(long[] shape, float[] data) implements Tensor {
  public FloatTensor {
    if (Tensor.size(shape) != data.length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + data.length + " values");
    }
  }

  public static FloatTensor of(float[] data, long... shape) {
    return new FloatTensor(shape, data);
  }

  /// A matrix as `[1][rows][columns]`, a batch of one.
  public static FloatTensor batchOf(Matrix matrix) {
    return new FloatTensor(new long[] {1, matrix.rows(), matrix.columns()}, matrix.toArray());
  }

  /// The values as a matrix whose columns are the last dimension and whose rows are all the others.
  public Matrix toMatrix() {
    int columns = shape.length == 0 ? 1 : (int) shape[shape.length - 1];
    return Matrix.of(columns == 0 ? 0 : data.length / columns, columns, data);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FloatTensor t
        && Arrays.equals(t.shape, shape)
        && Arrays.equals(t.data, data);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "FloatTensor" + Arrays.toString(shape);
  }
}
