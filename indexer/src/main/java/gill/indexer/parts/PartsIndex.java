package gill.indexer.parts;

import gill.engine.retrieval.VectorFormat;
import gill.engine.vision.ImageLimits;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingListener;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.ReportFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Makes one index of all parts. It is the job of one machine on rows that bring their vectors
/// along, so that takedowns, repeated ids, calibration and report are the same.
public final class PartsIndex {
  /// Rows per checkpoint.
  private static final int BATCH = 512;

  private PartsIndex() {}

  /// @param outcomes of all parts
  /// @param started when the job began
  public static IndexingReport make(
      PartsJob job,
      ImageEmbedder embedder,
      VectorFormat vectors,
      List<PartOutcome> outcomes,
      Instant started,
      IndexingListener listener) {
    Path index = Path.of(job.plan().index());
    IndexingPlan plan =
        new IndexingPlan(
            job.embedded(),
            index,
            ImageLimits.DEFAULT,
            BATCH,
            BATCH,
            IndexingPlan.Mode.REPLACE,
            vectors);
    IndexingReport report = whole(new IndexingJob(embedder).run(plan, listener), outcomes, started);
    ReportFiles.replace(index, report);
    return report;
  }

  /// The report of the last step as that of all.
  private static IndexingReport whole(
      IndexingReport last, List<PartOutcome> outcomes, Instant started) {
    double seconds = Duration.between(started, Instant.now()).toMillis() / 1000.0;
    long resumed =
        outcomes.stream().filter(PartOutcome::takenOver).mapToLong(PartOutcome::rows).sum();
    return new IndexingReport(
        last.source(),
        last.index(),
        last.bundle(),
        last.fingerprint(),
        last.total(),
        last.images(),
        last.duplicates(),
        resumed,
        last.changes(),
        last.failed(),
        last.failuresByReason(),
        last.failures(),
        started,
        seconds,
        seconds > 0 ? (last.total() - resumed) / seconds : 0,
        Map.of(
            "decode", sum(outcomes, PartOutcome::decodeSeconds),
            "embed", sum(outcomes, PartOutcome::embedSeconds),
            "write", sum(outcomes, PartOutcome::writeSeconds),
            "merge", last.seconds()),
        last.profile());
  }

  private static double sum(List<PartOutcome> outcomes, ToDoubleFunction<PartOutcome> seconds) {
    return outcomes.stream().mapToDouble(seconds).sum();
  }
}
