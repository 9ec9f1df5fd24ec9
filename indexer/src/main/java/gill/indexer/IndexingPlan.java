package gill.indexer;

import gill.engine.vision.ImageLimits;
import gill.indexer.read.CorpusSource;
import java.nio.file.Path;

/// What to index, where to, and how much at once.
///
/// @param batch pictures per model call
/// @param ahead pictures that are decoded while a batch is embedded; they bound the memory
public record IndexingPlan(
    CorpusSource source, Path index, ImageLimits limits, int batch, int ahead) {
  public IndexingPlan {
    if (batch < 1 || batch > 1024) {
      throw new IllegalArgumentException("batch must be in [1, 1024], got " + batch);
    }
    if (ahead < 1 || ahead > 4096) {
      throw new IllegalArgumentException("ahead must be in [1, 4096], got " + ahead);
    }
  }

  public static IndexingPlan of(CorpusSource source, Path index) {
    return new IndexingPlan(source, index, ImageLimits.DEFAULT, 16, 32);
  }
}
