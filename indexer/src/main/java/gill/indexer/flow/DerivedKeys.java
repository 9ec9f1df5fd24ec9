package gill.indexer.flow;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import java.util.List;

/// The metadata keys that a job writes itself. A source's own keys of these names are overwritten,
/// and they do not count when a description is compared with the indexed one.
public final class DerivedKeys {
  /// The id of the image that this one repeats.
  public static final String DUPLICATE_OF = "duplicate_of";

  /// What a classifier says: `tag_NAME`.
  public static final String TAG = "tag_";

  /// Figures of the picture: `quality_NAME`.
  public static final String QUALITY = "quality_";

  private static final List<String> KEYS = List.of(PictureHash.KEY, DUPLICATE_OF);
  private static final List<String> PREFIXES = List.of(TAG, QUALITY);

  private DerivedKeys() {}

  /// The record as its source describes it.
  public static ImageRecord without(ImageRecord image) {
    ImageRecord rest = image;
    for (String key : image.metadata().keySet()) {
      if (KEYS.contains(key) || PREFIXES.stream().anyMatch(key::startsWith)) {
        rest = rest.with(key, "");
      }
    }
    return rest;
  }
}
