package gill.indexer.flow;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.Pixels;

/// What decoding made of a row.
public sealed interface DecodedImage {
  /// @param stamp tells this row, and its file as it is now, from any other
  /// @param pixels the picture, prepared for the encoder
  record Decoded(long stamp, ImageRecord image, Pixels pixels, PictureHash hash, Change change)
      implements DecodedImage {}

  /// The row brought its vectors along.
  record Ready(long stamp, ImageRecord image, Embedding embedding, PictureHash hash, Change change)
      implements DecodedImage {}

  /// The index holds this image already.
  record Known(long stamp, ImageId id) implements DecodedImage {}

  record Undecodable(long stamp, Failure failure) implements DecodedImage {}

  long stamp();
}
