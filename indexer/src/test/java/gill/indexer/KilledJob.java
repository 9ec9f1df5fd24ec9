package gill.indexer;

import gill.engine.flow.Pixels;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.VectorFormat;
import gill.engine.vision.ImageLimits;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.DuplicatePolicy;
import gill.indexer.flow.Embedding;
import gill.indexer.notes.QualityNotes;
import gill.indexer.read.CorpusSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A job in a process of its own, to be killed: `KilledJob SOURCE INDEX LOG BATCH`. It appends the
/// number of pictures of each model call to the log.
final class KilledJob {
  /// Near-duplicates are linked, so that what is one must not depend on the kills either.
  static final IndexingPlan.Extras EXTRAS =
      new IndexingPlan.Extras(DuplicatePolicy.LINK, 0.9999, new QualityNotes(), true);

  private KilledJob() {}

  public static void main(String[] arguments) {
    IndexingPlan plan =
        new IndexingPlan(
            CorpusSource.open(Path.of(arguments[0])),
            Path.of(arguments[1]),
            ImageLimits.DEFAULT,
            Integer.parseInt(arguments[3]),
            16,
            IndexingPlan.Mode.UPDATE,
            VectorFormat.AUTO,
            EXTRAS);
    new IndexingJob(new LoggedEmbedder(Path.of(arguments[2]))).run(plan, IndexingListener.NONE);
  }

  /// As slow as a model, so that a kill has something to hit.
  private static final class LoggedEmbedder implements ImageEmbedder {
    private final ColourEmbedder colours = new ColourEmbedder();
    private final Path log;

    LoggedEmbedder(Path log) {
      this.log = log;
    }

    @Override
    public BundleStamp bundle() {
      return colours.bundle();
    }

    @Override
    public int clipDimension() {
      return colours.clipDimension();
    }

    @Override
    public int gillDimension() {
      return colours.gillDimension();
    }

    @Override
    public Pixels prepare(Pixels picture) {
      return colours.prepare(picture);
    }

    @Override
    public List<Embedding> embed(List<Pixels> pictures) {
      try {
        Files.writeString(
            log, pictures.size() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      return colours.embed(pictures);
    }
  }
}
