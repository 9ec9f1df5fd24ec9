package gill.engine.flow;

/// A corpus image and how near it is.
///
/// @param score cosine in [-1, 1]; of two joined searches the mean of both
/// @param pMatch probability that the image shows what was asked, in [0, 1]; unlike the score it
///   means the same for every query
public record Hit(ImageRecord image, double score, double pMatch) {
  public Hit {
    if (!(pMatch >= 0 && pMatch <= 1)) {
      throw new IllegalArgumentException("p_match must be in [0, 1], got " + pMatch);
    }
  }

  public ImageId id() {
    return image.id();
  }
}
