package gill.indexer.spark;

import gill.engine.retrieval.VectorFormat;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.IndexingReport;
import gill.indexer.parts.PartOutcome;
import gill.indexer.parts.PartPlan;
import gill.indexer.parts.PartsIndex;
import gill.indexer.parts.PartsJob;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;

/// Makes an index of a corpus on Spark: executors read, decode and embed parts of it; the driver
/// makes one index of the parts.
///
/// Source, bundle, parts and index must lie under the same path on every machine. A part is done
/// once, whatever becomes of executors, workers or the driver: what is lost is the parts under way.
public final class SparkIndexing {
  /// @param takenOver parts that a job which was broken off had done
  /// @param failedTasks attempts at a part that were lost and made again
  public record Result(
      IndexingReport report, int parts, long takenOver, long failedTasks, long lostExecutors) {}

  private SparkIndexing() {}

  /// Runs to the end on the calling thread, which must be the driver's. Configuration that
  /// `spark-submit` was given applies.
  public static Result run(PartPlan asked, VectorFormat vectors, JobListener listener) {
    Instant started = Instant.now();
    ImageEmbedder embedder = ExecutorModels.embedder(asked.bundle());
    try (PartsJob job = PartsJob.open(asked, embedder.bundle().fingerprint());
        JavaSparkContext spark = new JavaSparkContext(configuration())) {
      JobWatch watch = new JobWatch(job.total(), listener);
      spark.sc().addSparkListener(watch);
      List<PartOutcome> outcomes = embed(job, spark, watch);
      listener.phase(outcomes.size() + " parts are done, making the index");
      IndexingReport report = PartsIndex.make(job, embedder, vectors, outcomes, started, listener);
      return new Result(
          report,
          job.parts(),
          outcomes.stream().filter(PartOutcome::takenOver).count(),
          watch.failedTasks(),
          watch.lostExecutors());
    }
  }

  private static List<PartOutcome> embed(PartsJob job, JavaSparkContext spark, JobWatch watch) {
    LongAccumulator rows = spark.sc().longAccumulator(JobWatch.ROWS);
    LongAccumulator failures = spark.sc().longAccumulator(JobWatch.FAILURES);
    List<Integer> parts = IntStream.range(0, job.parts()).boxed().toList();
    return spark
        .parallelize(parts, parts.size())
        .mapPartitions(new PartTask(job.plan(), rows, failures))
        .collect();
  }

  private static SparkConf configuration() {
    return new SparkConf()
        .setIfMissing("spark.app.name", "gill index")
        .setIfMissing(
            "spark.executor.extraJavaOptions",
            "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
                + " -Djava.awt.headless=true");
  }
}
