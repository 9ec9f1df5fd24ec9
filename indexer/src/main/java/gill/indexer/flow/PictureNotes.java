package gill.indexer.flow;

import gill.engine.flow.Pixels;
import java.util.Map;

/// Metadata that a job derives from the pictures themselves: quality, and what a classifier says.
/// Safe for use by many threads.
public interface PictureNotes {
  PictureNotes NONE =
      new PictureNotes() {
        @Override
        public Map<String, String> of(Pixels picture) {
          return Map.of();
        }

        @Override
        public boolean areIn(Map<String, String> metadata) {
          return true;
        }

        @Override
        public String name() {
          return "";
        }
      };

  /// Keys begin with one of [DerivedKeys]'s prefixes.
  ///
  /// @param picture upright, in its own size
  Map<String, String> of(Pixels picture);

  /// Whether an indexed image's metadata hold these notes, made the same way.
  boolean areIn(Map<String, String> metadata);

  /// Tells these notes from others; empty for none.
  String name();
}
