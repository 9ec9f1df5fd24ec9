package gill.indexer.parts;

import gill.engine.vision.ImageLimits;
import gill.indexer.read.CorpusSource;
import java.io.Serializable;
import java.nio.file.Path;

/// What every process of a job has to know, in a form that can be sent.
///
/// @param parts the [PartsFolder]
/// @param source what the user named, and where pictures of archives are unpacked
/// @param bundle folder of the models
/// @param index folder of the index to be, whose takedown list is obeyed
/// @param batch rows per model call
/// @param ahead pictures that are decoded while a batch is embedded; they bound the memory
/// @param partRows rows of each part but the last
/// @param shards whether each part is also written as a Lucene index
public record PartPlan(
    String parts,
    String source,
    String pictures,
    String bundle,
    String index,
    int batch,
    int ahead,
    int partRows,
    boolean shards)
    implements Serializable {
  /// More parts than this are not made: each is a task, a folder and a file or two.
  private static final int MOST_PARTS = 2000;

  private static final int LEAST_ROWS = 256;

  public PartPlan {
    if (batch < 1 || batch > 1024) {
      throw new IllegalArgumentException("batch must be in [1, 1024], got " + batch);
    }
    if (partRows < batch || partRows % batch != 0) {
      throw new IllegalArgumentException(
          "a part must have a multiple of " + batch + " rows, got " + partRows);
    }
  }

  /// Rows of a part where nobody says how many: few enough that a lost part is little work.
  public static int partRows(long total, int batch) {
    long rows = Math.max(LEAST_ROWS, (total + MOST_PARTS - 1) / MOST_PARTS);
    return Math.toIntExact((rows + batch - 1) / batch * batch);
  }

  PartPlan withPartRows(int rows) {
    return new PartPlan(parts, source, pictures, bundle, index, batch, ahead, rows, shards);
  }

  public PartsFolder folder() {
    return new PartsFolder(Path.of(parts));
  }

  public CorpusSource open() {
    return CorpusSource.open(Path.of(source), Path.of(pictures));
  }

  ImageLimits limits() {
    return ImageLimits.DEFAULT;
  }
}
