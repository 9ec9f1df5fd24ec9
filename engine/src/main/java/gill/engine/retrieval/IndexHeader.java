package gill.engine.retrieval;

import gill.engine.flow.VectorField;
import java.nio.file.Path;

/// What an index says about itself: who made it, its vectors' dimensions, where its images lie.
///
/// @param imageRoot absolute folder that the records' relative locations start from
public record IndexHeader(
    BundleStamp bundle, int clipDimension, int gillDimension, Path imageRoot) {
  public IndexHeader {
    if (clipDimension < 1 || gillDimension < 1) {
      throw new IllegalArgumentException(
          "vectors need at least 1 dimension, got clip "
              + clipDimension
              + " and gill "
              + gillDimension);
    }
    imageRoot = imageRoot.toAbsolutePath().normalize();
  }

  public int dimension(VectorField field) {
    return switch (field) {
      case CLIP -> clipDimension;
      case GILL -> gillDimension;
    };
  }
}
