package gill.engine.retrieval;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;

/// One row of an index: an image's record and its two vectors.
public record IndexedImage(ImageRecord image, UnitVector clip, UnitVector gill) {
  public UnitVector vector(VectorField field) {
    return switch (field) {
      case CLIP -> clip;
      case GILL -> gill;
    };
  }
}
