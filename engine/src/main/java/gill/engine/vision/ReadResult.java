package gill.engine.vision;

import gill.engine.flow.Pixels;
import java.util.Locale;

/// What became of image bytes.
public sealed interface ReadResult {
  /// The picture as it is meant to be seen: upright, opaque, 8-bit RGB.
  record Decoded(Pixels pixels, ImageFormat format) implements ReadResult {}

  /// No picture; `message` tells the sender why and what to do.
  record Rejected(Reason reason, String message) implements ReadResult {
    /// The reason's wire name, e.g. `too_many_pixels`.
    public String code() {
      return reason.code();
    }
  }

  /// Why bytes are no picture.
  enum Reason {
    EMPTY_FILE,
    NOT_AN_IMAGE,
    UNSUPPORTED_FORMAT,
    TOO_LARGE_BYTES,
    TOO_MANY_PIXELS,
    TRUNCATED,
    CORRUPT;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
