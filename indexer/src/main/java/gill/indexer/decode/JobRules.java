package gill.indexer.decode;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.indexer.flow.Failure;
import gill.indexer.flow.PictureNotes;
import java.util.Optional;
import java.util.function.Function;

/// What a job asks of each picture. The functions must be safe for use by many threads.
///
/// @param former what the index that is brought up to date has of an id
/// @param refusal why an image must not be indexed (takedowns); asked before anything is embedded
/// @param notes what is noted of each picture
public record JobRules(
    Function<ImageId, Optional<ImageRecord>> former,
    Function<ImageRecord, Optional<Failure>> refusal,
    PictureNotes notes) {
  /// A new index without a takedown list.
  public static final JobRules NONE =
      new JobRules(_ -> Optional.empty(), _ -> Optional.empty(), PictureNotes.NONE);
}
