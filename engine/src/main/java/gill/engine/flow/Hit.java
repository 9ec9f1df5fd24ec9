package gill.engine.flow;

/// A corpus image and how near it is.
///
/// @param score cosine in [-1, 1]; of two joined searches the mean of both
public record Hit(ImageRecord image, double score) {
  public ImageId id() {
    return image.id();
  }
}
