package gill.indexer;

import gill.engine.retrieval.ImageIndexWriter;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.embed.BatchEmbedding;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.DecodedImage;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.Outcome;
import gill.indexer.read.ReportFiles;
import gill.indexer.write.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One run of a job: embeds batches, keeps checkpoints, hands outcomes on and counts. Used by the
/// job's thread alone.
final class Run {
  private final Instant started = Instant.now();
  private final long start = System.nanoTime();
  private final long total;
  private final ImageEmbedder embedder;
  private final BatchEmbedding embedding;
  private final Intake intake;
  private final Journal journal;
  private final PaceMarks marks = new PaceMarks();
  private IndexingListener listener = IndexingListener.NONE;
  private Pace pace;
  private long resumed;
  private long embedNanoseconds;
  private long writeNanoseconds;

  Run(long total, ImageEmbedder embedder, Intake intake, Journal journal) {
    this.total = total;
    this.embedder = embedder;
    this.embedding = new BatchEmbedding(embedder);
    this.intake = intake;
    this.journal = journal;
    this.pace = new Pace(total, 0, System::nanoTime);
  }

  /// Takes over what a broken-off job did.
  void resume(RowQueue queue) {
    resumed =
        journal.resume(
            queue::nextIs,
            batch -> {
              queue.passOver();
              batch.forEach(row -> intake.take(row.outcome()));
            });
  }

  /// From here on progress is told, at the rate of what is really done.
  void startAt(IndexingListener told) {
    listener = told;
    pace = new Pace(total, resumed, System::nanoTime);
    if (resumed > 0) {
      tell();
    }
  }

  void index(List<DecodedImage> batch) {
    long before = System.nanoTime();
    List<Journal.Row> rows = outcomes(batch);
    long writing = System.nanoTime();
    journal.append(rows);
    rows.forEach(row -> intake.take(row.outcome()));
    embedNanoseconds += writing - before;
    writeNanoseconds += System.nanoTime() - writing;
    marks.at(seconds(), intake.done() - resumed);
    tell();
  }

  private void tell() {
    listener.progress(pace.at(intake.done(), intake.failures().count()));
  }

  private List<Journal.Row> outcomes(List<DecodedImage> batch) {
    List<Outcome> outcomes = embedding.outcomes(batch);
    List<Journal.Row> rows = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      rows.add(new Journal.Row(batch.get(i).stamp(), outcomes.get(i)));
    }
    return rows;
  }

  private double seconds() {
    return Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
  }

  IndexingReport finish(
      IndexingPlan plan, Mode mode, ImageIndexWriter writer, ReportFiles files, double decode) {
    if (intake.ids().isEmpty() && mode != Mode.RETRY_FAILED) {
      files.publish();
      Journal.delete(plan.index());
      throw new CorpusException(
          "none of the "
              + total
              + " images of "
              + plan.source().path()
              + " could be indexed: "
              + intake.failures().byReason()
              + ", see "
              + plan.index().resolve(ReportFiles.FAILURES));
    }
    long writing = System.nanoTime();
    long removed = mode == Mode.UPDATE ? writer.removeAllBut(intake.ids()) : 0;
    int images = writer.commit();
    writeNanoseconds += System.nanoTime() - writing;
    double seconds = seconds();
    return new IndexingReport(
        plan.source().path().toString(),
        plan.index().toString(),
        embedder.bundle().name() + " " + embedder.bundle().version(),
        embedder.bundle().fingerprint(),
        total,
        images,
        intake.replaced(),
        resumed,
        new Changes(intake.added(), intake.changed(), intake.unchanged(), removed),
        intake.failures().count(),
        intake.failures().byReason(),
        intake.failures().first(),
        started,
        seconds,
        seconds > 0 ? (intake.done() - resumed) / seconds : 0,
        Map.of(
            "decode", decode,
            "embed", embedNanoseconds / 1e9,
            "write", writeNanoseconds / 1e9),
        intake.census().profile(marks.marks(), intake.dropped()));
  }
}
