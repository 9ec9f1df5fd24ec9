package gill.web.api;

import gill.engine.vision.ImageLimits;

/// What a request may weigh. All are checked before a model runs.
///
/// @param bodyBytes of a request, images included
/// @param promptCharacters over all messages of a request
/// @param messages of a request
/// @param images of a request, those of earlier messages included
/// @param image bytes and pixels of one image
public record Limits(
    int bodyBytes, int promptCharacters, int messages, int images, ImageLimits image) {
  public static final Limits DEFAULT =
      new Limits(24 << 20, 16_000, 200, 8, new ImageLimits(8 << 20, 50_000_000, 20_000));
}
