package gill.engine.flow;

import java.util.Arrays;

/// A vector of Euclidean length 1 (within 1e-4), f32, on the Java heap. Immutable: copies in and
/// out, equal by content.
public final class UnitVector {
  private static final double TOLERANCE = 1e-4;

  private final float[] values;

  private UnitVector(float[] values) {
    this.values = values;
  }

  /// Copies a vector that is already normalised. Throws [IllegalArgumentException] if it is empty,
  /// not finite or its norm is off 1 by more than 1e-4.
  public static UnitVector of(float[] values) {
    double norm = norm(values);
    if (Math.abs(norm - 1) > TOLERANCE) {
      throw new IllegalArgumentException("a unit vector's norm must be 1, got " + norm);
    }
    return new UnitVector(values.clone());
  }

  /// The direction of `values`. Throws [IllegalArgumentException] for the zero vector.
  public static UnitVector normalise(float[] values) {
    double norm = norm(values);
    if (norm < 1e-12) {
      throw new IllegalArgumentException("the zero vector has no direction");
    }
    float[] unit = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      unit[i] = (float) (values[i] / norm);
    }
    return new UnitVector(unit);
  }

  private static double norm(float[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a vector needs at least 1 dimension");
    }
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException("value " + i + " is not finite: " + values[i]);
      }
      sum += (double) values[i] * values[i];
    }
    return Math.sqrt(sum);
  }

  public int dimension() {
    return values.length;
  }

  public float[] toArray() {
    return values.clone();
  }

  /// Cosine with a vector of the same dimension, in [-1, 1].
  public double cosine(UnitVector other) {
    if (other.values.length != values.length) {
      throw new IllegalArgumentException(
          "dimensions differ: " + values.length + " and " + other.values.length);
    }
    double dot = 0;
    for (int i = 0; i < values.length; i++) {
      dot += (double) values[i] * other.values[i];
    }
    return Math.clamp(dot, -1.0, 1.0);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnitVector v && Arrays.equals(v.values, values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "UnitVector[" + values.length + "]";
  }
}
