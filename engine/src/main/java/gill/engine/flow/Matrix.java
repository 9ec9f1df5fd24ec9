package gill.engine.flow;

import java.util.Arrays;

/// A row-major f32 matrix `[rows][columns]` on the Java heap. Immutable: copies in and out, equal
/// by content.
public final class Matrix {
  private final int rows;
  private final int columns;
  private final float[] values;

  private Matrix(int rows, int columns, float[] values) {
    this.rows = rows;
    this.columns = columns;
    this.values = values;
  }

  /// Copies `values` (row-major). Throws [IllegalArgumentException] on a wrong length or a value
  /// that is not finite.
  public static Matrix of(int rows, int columns, float[] values) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a matrix needs at least 1 row and 1 column, got " + rows + "x" + columns);
    }
    if (values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(
          "a "
              + rows
              + "x"
              + columns
              + " matrix needs "
              + rows * columns
              + " values, got "
              + values.length);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException("value " + i + " is not finite: " + values[i]);
      }
    }
    return new Matrix(rows, columns, values.clone());
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  public float at(int row, int column) {
    if (row < 0 || row >= rows || column < 0 || column >= columns) {
      throw new IndexOutOfBoundsException(
          "[" + row + "][" + column + "] of a " + rows + "x" + columns + " matrix");
    }
    return values[row * columns + column];
  }

  /// A copy of one row.
  public float[] row(int row) {
    if (row < 0 || row >= rows) {
      throw new IndexOutOfBoundsException("row " + row + " of " + rows);
    }
    return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
  }

  /// A copy of all values, row-major.
  public float[] toArray() {
    return values.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Matrix m
        && m.rows == rows
        && m.columns == columns
        && Arrays.equals(m.values, values);
  }

  @Override
  public int hashCode() {
    return 31 * rows + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Matrix[" + rows + "x" + columns + "]";
  }
}
