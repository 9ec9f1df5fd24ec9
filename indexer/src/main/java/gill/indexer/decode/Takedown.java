package gill.indexer.decode;

import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.TakedownList;
import gill.indexer.flow.Failure;
import java.util.Optional;

/// What an index's takedown list says of an image.
public final class Takedown {
  private Takedown() {}

  /// Why the list forbids the image, if it does.
  public static Optional<Failure> refusal(TakedownList forbidden, ImageRecord image) {
    return forbidden
        .forbidding(image)
        .map(by ->
            new Failure(
                image.id().value(),
                image.location(),
                Failure.TAKEN_DOWN,
                "the index's " + TakedownList.FILE + " says: " + by));
  }
}
