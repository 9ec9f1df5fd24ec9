package gill.indexer;

import gill.engine.flow.ImageId;
import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusProfile;
import gill.indexer.flow.DecodedImage;
import gill.indexer.flow.IndexingReport;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Counts what a job would do, without doing it.
final class Rehearsal {
  private final Instant started = Instant.now();
  private final long start = System.nanoTime();
  private final long total;
  private final IndexingListener listener;
  private final Pace pace;
  private final Failures failures = new Failures();
  private final Set<ImageId> ids = new HashSet<>();
  private long usable;

  Rehearsal(long total, IndexingListener listener) {
    this.total = total;
    this.listener = listener;
    this.pace = new Pace(total, 0, System::nanoTime);
  }

  void take(List<DecodedImage> batch) {
    for (DecodedImage image : batch) {
      switch (image) {
        case DecodedImage.Decoded decoded -> {
          usable++;
          ids.add(decoded.image().id());
        }
        case DecodedImage.Ready ready -> {
          usable++;
          ids.add(ready.image().id());
        }
        case DecodedImage.Known(_, ImageId id) -> {
          usable++;
          ids.add(id);
        }
        case DecodedImage.Undecodable(_, var failure) -> failures.add(failure);
      }
    }
    listener.progress(pace.at(usable + failures.count(), failures.count()));
  }

  IndexingReport report(IndexingPlan plan, double decodeSeconds) {
    double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
    return new IndexingReport(
        plan.source().path().toString(),
        plan.index().toString(),
        "",
        "",
        total,
        ids.size(),
        usable - ids.size(),
        0,
        new Changes(0, 0, 0, 0),
        failures.count(),
        failures.byReason(),
        failures.first(),
        started,
        seconds,
        seconds > 0 ? total / seconds : 0,
        Map.of("decode", decodeSeconds),
        CorpusProfile.NONE);
  }
}
