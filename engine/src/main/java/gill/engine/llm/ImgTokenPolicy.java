package gill.engine.llm;

import gill.engine.flow.ImageMode;

/// When the model may ask for an image.
///
/// [IMG0] is one more entry of the vocabulary, with the bundle's and the request's bias added to
/// its logit: 0 leaves the choice as trained, e^bias times the odds otherwise.
///
/// @param bias added to [IMG0]'s logit beside the bundle's own
/// @param maxImages images an answer may have; two never follow each other without text
public record ImgTokenPolicy(Mode mode, double bias, int maxImages) {
  private static final int DEFAULT_MAX_IMAGES = 4;

  /// What is allowed.
  public enum Mode {
    /// The model decides.
    AUTO,
    /// As AUTO, and an answer that would end without an image ends with one.
    AT_LEAST_ONE,
    /// Text only.
    NEVER
  }

  public ImgTokenPolicy {
    if (!Double.isFinite(bias)) {
      throw new IllegalArgumentException("img_bias must be a finite number, got " + bias);
    }
    if (maxImages < 1) {
      throw new IllegalArgumentException("an answer has room for 1 image, got " + maxImages);
    }
  }

  /// The policy of a request's image mode. A caller who asks for an image gets exactly one.
  public static ImgTokenPolicy of(ImageMode mode, double bias) {
    return switch (mode) {
      case AUTO -> new ImgTokenPolicy(Mode.AUTO, bias, DEFAULT_MAX_IMAGES);
      case RETRIEVE, GENERATE -> new ImgTokenPolicy(Mode.AT_LEAST_ONE, bias, 1);
      case NONE -> new ImgTokenPolicy(Mode.NEVER, bias, 1);
    };
  }

  /// True if the model may ask for an image now.
  boolean allows(int imagesSoFar, boolean justShown) {
    return mode != Mode.NEVER && imagesSoFar < maxImages && !justShown;
  }

  /// True if an answer that ends now must end with an image.
  boolean owesImage(int imagesSoFar) {
    return mode == Mode.AT_LEAST_ONE && imagesSoFar == 0;
  }
}
