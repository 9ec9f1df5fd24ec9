package gill.indexer;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.ImageIndexWriter;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.decode.Takedown;
import gill.indexer.embed.BatchEmbedding;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.Change;
import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusProfile;
import gill.indexer.flow.DecodedImage;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.Outcome;
import gill.indexer.read.ReportFiles;
import gill.indexer.write.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One run of a job: embeds batches, keeps checkpoints, writes and counts. Used by the job's thread
/// alone.
final class Run {
  private final Instant started = Instant.now();
  private final long start = System.nanoTime();
  private final long total;
  private final ImageEmbedder embedder;
  private final BatchEmbedding embedding;
  private final ImageIndexWriter writer;
  private final ReportFiles files;
  private final Journal journal;
  private final Failures failures = new Failures();
  private final Set<ImageId> ids = new HashSet<>();
  private IndexingListener listener = IndexingListener.NONE;
  private Pace pace;
  private long resumed;
  private long added;
  private long changed;
  private long unchanged;
  private long embedNanoseconds;
  private long writeNanoseconds;

  Run(
      long total,
      ImageEmbedder embedder,
      ImageIndexWriter writer,
      ReportFiles files,
      Journal journal) {
    this.total = total;
    this.embedder = embedder;
    this.embedding = new BatchEmbedding(embedder);
    this.writer = writer;
    this.files = files;
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
              batch.forEach(row -> take(row.outcome()));
            });
  }

  /// From here on progress is told, at the rate of what is really done.
  void startAt(IndexingListener told) {
    listener = told;
    pace = new Pace(total, resumed, System::nanoTime);
    if (resumed > 0) {
      listener.progress(pace.at(done(), failures.count()));
    }
  }

  void index(List<DecodedImage> batch) {
    long before = System.nanoTime();
    List<Journal.Row> rows = outcomes(batch);
    long writing = System.nanoTime();
    journal.append(rows);
    rows.forEach(row -> take(row.outcome()));
    embedNanoseconds += writing - before;
    writeNanoseconds += System.nanoTime() - writing;
    listener.progress(pace.at(done(), failures.count()));
  }

  private long done() {
    return added + changed + unchanged + failures.count();
  }

  private List<Journal.Row> outcomes(List<DecodedImage> batch) {
    List<Outcome> outcomes = embedding.outcomes(batch);
    List<Journal.Row> rows = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      rows.add(new Journal.Row(batch.get(i).stamp(), outcomes.get(i)));
    }
    return rows;
  }

  private void take(Outcome outcome) {
    switch (outcome) {
      case Outcome.Indexed(var image, var vectors, _, Change change) -> {
        // Again: an image taken over from a broken-off run may have been taken down meanwhile.
        Optional<Failure> refused = refusal(image);
        if (refused.isPresent()) {
          take(new Outcome.Failed(refused.get()));
          return;
        }
        writer.add(image, vectors.clip(), vectors.gill());
        ids.add(image.id());
        switch (change) {
          case ADDED -> added++;
          case CHANGED -> changed++;
        }
      }
      case Outcome.Unchanged(ImageId id) -> {
        ids.add(id);
        unchanged++;
      }
      case Outcome.Failed(Failure failure) -> {
        failures.add(failure);
        files.write(failure);
      }
    }
  }

  /// Why the takedown list forbids an image, if it does. Safe for use by many threads.
  Optional<Failure> refusal(ImageRecord image) {
    return Takedown.refusal(writer.forbidden(), image);
  }

  IndexingReport finish(IndexingPlan plan, Mode mode, double decodeSeconds) {
    if (ids.isEmpty() && mode != Mode.RETRY_FAILED) {
      files.publish();
      Journal.delete(plan.index());
      throw new CorpusException(
          "none of the "
              + total
              + " images of "
              + plan.source().path()
              + " could be indexed: "
              + failures.byReason()
              + ", see "
              + plan.index().resolve(ReportFiles.FAILURES));
    }
    long writing = System.nanoTime();
    long removed = mode == Mode.UPDATE ? writer.removeAllBut(ids) : 0;
    int images = writer.commit();
    writeNanoseconds += System.nanoTime() - writing;
    double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
    return new IndexingReport(
        plan.source().path().toString(),
        plan.index().toString(),
        embedder.bundle().name() + " " + embedder.bundle().version(),
        embedder.bundle().fingerprint(),
        total,
        images,
        added + changed + unchanged - ids.size(),
        resumed,
        new Changes(added, changed, unchanged, removed),
        failures.count(),
        failures.byReason(),
        failures.first(),
        started,
        seconds,
        seconds > 0 ? (done() - resumed) / seconds : 0,
        Map.of(
            "decode", decodeSeconds,
            "embed", embedNanoseconds / 1e9,
            "write", writeNanoseconds / 1e9),
        CorpusProfile.NONE);
  }
}
