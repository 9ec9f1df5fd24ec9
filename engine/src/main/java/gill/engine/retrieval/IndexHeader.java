package gill.engine.retrieval;

import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.nio.file.Path;
import java.util.Locale;

/// What an index says about itself: who made it, its vectors' dimensions, where its images lie.
///
/// @param imageRoot absolute folder that the records' relative locations start from
/// @param vectorFormat of new segments; an index may still hold others
public record IndexHeader(
    BundleStamp bundle,
    int clipDimension,
    int gillDimension,
    Path imageRoot,
    VectorFormat vectorFormat) {
  /// With full vectors.
  public IndexHeader(BundleStamp bundle, int clipDimension, int gillDimension, Path imageRoot) {
    this(bundle, clipDimension, gillDimension, imageRoot, VectorFormat.F32);
  }

  public IndexHeader {
    if (clipDimension < 1 || gillDimension < 1) {
      throw new IllegalArgumentException(
          "vectors need at least 1 dimension, got clip "
              + clipDimension
              + " and gill "
              + gillDimension);
    }
    if (vectorFormat == VectorFormat.AUTO) {
      throw new IllegalArgumentException("the vector format of an index must have been chosen");
    }
    imageRoot = imageRoot.toAbsolutePath().normalize();
  }

  public int dimension(VectorField field) {
    return switch (field) {
      case CLIP -> clipDimension;
      case GILL -> gillDimension;
    };
  }

  /// Throws [IllegalArgumentException] unless the vector is as long as the field's.
  public void requireDimension(VectorField field, UnitVector vector) {
    if (vector.dimension() != dimension(field)) {
      throw new IllegalArgumentException(
          "the index's "
              + field.name().toLowerCase(Locale.ROOT)
              + " vectors have "
              + dimension(field)
              + " dimensions, got one of "
              + vector.dimension());
    }
  }
}
