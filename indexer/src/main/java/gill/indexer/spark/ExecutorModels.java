package gill.indexer.spark;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.Pixels;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CorpusView;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.ModelOptions;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.Embedding;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The models of this process, opened by the first task that asks and shared by all: they stay open
/// until the process ends.
final class ExecutorModels {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorModels.class);

  private static final Map<String, ImageEmbedder> OPEN = new ConcurrentHashMap<>();

  private ExecutorModels() {}

  static ImageEmbedder embedder(String bundle) {
    return OPEN.computeIfAbsent(bundle, ExecutorModels::open);
  }

  private static ImageEmbedder open(String bundle) {
    int threads = threads();
    LOG.warn("opening the bundle {} in this process, {} threads a call", bundle, threads);
    return new OneAtATime(
        BundleEmbedder.of(Bundle.open(Path.of(bundle), new ModelOptions(threads))));
  }

  /// As many as the executor has cores, so that executors on one machine do not fight; 0 = all.
  private static int threads() {
    SparkEnv env = SparkEnv.get();
    return env == null ? 0 : env.conf().getInt("spark.executor.cores", 0);
  }

  /// Tasks of one process take turns at the model, which uses all its threads for each.
  private record OneAtATime(ImageEmbedder embedder, ReentrantLock turn) implements ImageEmbedder {
    OneAtATime(ImageEmbedder embedder) {
      this(embedder, new ReentrantLock());
    }

    @Override
    public BundleStamp bundle() {
      return embedder.bundle();
    }

    @Override
    public int clipDimension() {
      return embedder.clipDimension();
    }

    @Override
    public int gillDimension() {
      return embedder.gillDimension();
    }

    @Override
    public Pixels prepare(Pixels picture) {
      return embedder.prepare(picture);
    }

    @Override
    public List<Embedding> embed(List<Pixels> pictures) {
      turn.lock();
      try {
        return embedder.embed(pictures);
      } finally {
        turn.unlock();
      }
    }

    @Override
    public IndexCalibration calibrated(CorpusView index, IndexCalibration former) {
      return embedder.calibrated(index, former);
    }
  }
}
