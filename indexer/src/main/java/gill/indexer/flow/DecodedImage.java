package gill.indexer.flow;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.Pixels;

/// What decoding made of a row.
public sealed interface DecodedImage {
  /// A picture, prepared for the encoder.
  record Decoded(ImageRecord image, Pixels pixels) implements DecodedImage {}

  record Undecodable(Failure failure) implements DecodedImage {}
}
