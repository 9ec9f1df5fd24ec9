package gill.indexer.flow;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;

/// What became of a row of the source.
public sealed interface Outcome {
  record Indexed(ImageRecord image, Embedding embedding, PictureHash hash, Change change)
      implements Outcome {}

  /// The index holds this image already, with the same bytes and the same description.
  record Unchanged(ImageId id) implements Outcome {}

  record Failed(Failure failure) implements Outcome {}
}
