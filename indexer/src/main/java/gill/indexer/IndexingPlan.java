package gill.indexer;

import gill.engine.retrieval.VectorFormat;
import gill.engine.vision.ImageLimits;
import gill.indexer.duplicates.NearDuplicates;
import gill.indexer.flow.DuplicatePolicy;
import gill.indexer.flow.PictureNotes;
import gill.indexer.read.CorpusSource;
import java.nio.file.Path;

/// What to index, where to, and how much at once.
///
/// @param batch rows of the source per model call and per checkpoint
/// @param ahead pictures that are decoded while a batch is embedded; they bound the memory
/// @param vectors of an index made anew; one that is there keeps its format
public record IndexingPlan(
    CorpusSource source,
    Path index,
    ImageLimits limits,
    int batch,
    int ahead,
    Mode mode,
    VectorFormat vectors,
    Extras extras) {
  /// What becomes of an index that is there.
  public enum Mode {
    /// It is replaced by a new one.
    REPLACE,
    /// It is brought to what the source is now: by content hash, images are added, replaced and
    /// removed, and the others are not read by the models again. Without an index, as [#REPLACE].
    UPDATE,
    /// Only what the last job's failure report names is tried again; nothing is removed.
    RETRY_FAILED
  }

  /// What a job does beyond embedding.
  ///
  /// @param nearDuplicates what becomes of images that repeat earlier ones
  /// @param minCosine of the CLIP vectors of two images of which one repeats the other, in (0, 1]
  /// @param notes what is noted of each picture in its metadata
  /// @param parquetFailures whether failures are written as Parquet too
  public record Extras(
      DuplicatePolicy nearDuplicates,
      double minCosine,
      PictureNotes notes,
      boolean parquetFailures) {
    public static final Extras NONE =
        new Extras(DuplicatePolicy.KEEP, NearDuplicates.DEFAULT_COSINE, PictureNotes.NONE, false);

    public Extras {
      if (!(minCosine > 0 && minCosine <= 1)) {
        throw new IllegalArgumentException("a least cosine must be in (0, 1], got " + minCosine);
      }
    }
  }

  public IndexingPlan {
    if (batch < 1 || batch > 1024) {
      throw new IllegalArgumentException("batch must be in [1, 1024], got " + batch);
    }
    if (ahead < 1 || ahead > 4096) {
      throw new IllegalArgumentException("ahead must be in [1, 4096], got " + ahead);
    }
  }

  /// Nothing beyond embedding.
  public IndexingPlan(
      CorpusSource source,
      Path index,
      ImageLimits limits,
      int batch,
      int ahead,
      Mode mode,
      VectorFormat vectors) {
    this(source, index, limits, batch, ahead, mode, vectors, Extras.NONE);
  }

  /// With vectors in the format that goes with their number.
  public IndexingPlan(
      CorpusSource source, Path index, ImageLimits limits, int batch, int ahead, Mode mode) {
    this(source, index, limits, batch, ahead, mode, VectorFormat.AUTO);
  }

  public static IndexingPlan of(CorpusSource source, Path index) {
    return new IndexingPlan(source, index, ImageLimits.DEFAULT, 16, 32, Mode.REPLACE);
  }

  public IndexingPlan withMode(Mode newMode) {
    return new IndexingPlan(source, index, limits, batch, ahead, newMode, vectors, extras);
  }

  public IndexingPlan withVectors(VectorFormat format) {
    return new IndexingPlan(source, index, limits, batch, ahead, mode, format, extras);
  }

  public IndexingPlan withExtras(Extras more) {
    return new IndexingPlan(source, index, limits, batch, ahead, mode, vectors, more);
  }
}
