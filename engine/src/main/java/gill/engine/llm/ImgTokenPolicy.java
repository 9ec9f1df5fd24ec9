package gill.engine.llm;

import gill.engine.flow.ImageMode;
import gill.engine.flow.SamplingOptions;

/// When the model may ask for an image.
///
/// [IMG0] is one more entry of the vocabulary, with the bundle's and the request's bias added to
/// its logit: 0 leaves the odds as trained, else they are e^bias times that. It is not drawn by
/// chance: an image comes where [IMG0] is more likely than all other tokens together.
///
/// @param bias added to [IMG0]'s logit beside the bundle's own
/// @param maxImages images an answer may have; it ends with the last of them. Two never follow each
///   other without text
public record ImgTokenPolicy(Mode mode, double bias, int maxImages) {
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

  /// The policy of a request.
  public static ImgTokenPolicy of(ImageMode mode, SamplingOptions sampling) {
    Mode allowed =
        switch (mode) {
          case AUTO -> Mode.AUTO;
          case RETRIEVE, GENERATE -> Mode.AT_LEAST_ONE;
          case NONE -> Mode.NEVER;
        };
    return new ImgTokenPolicy(allowed, sampling.imgBias(), sampling.maxImages());
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
