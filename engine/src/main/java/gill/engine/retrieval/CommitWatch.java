package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns an open index to newer commits of its folder as they come; searches never wait for it. A
/// commit that cannot be used (of another bundle, damaged) is logged, and the present one stays.
public final class CommitWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommitWatch.class);

  private final LuceneBackend backend;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("commit-watch").factory());
  private String lastRefusal = "";

  private CommitWatch(LuceneBackend backend) {
    this.backend = backend;
  }

  /// Looks every `interval` until it is closed; close it before the backend.
  public static CommitWatch of(LuceneBackend backend, Duration interval) {
    CommitWatch watch = new CommitWatch(backend);
    long nanoseconds = interval.toNanos();
    var _ =
        watch.timer.scheduleWithFixedDelay(
            watch::look, nanoseconds, nanoseconds, TimeUnit.NANOSECONDS);
    return watch;
  }

  private void look() {
    try {
      if (backend.refresh()) {
        LOG.info("turned to a newer commit of the index: {} images", backend.size());
      }
      lastRefusal = "";
    } catch (IndexException e) {
      String refusal = String.valueOf(e.getMessage());
      if (!refusal.equals(lastRefusal)) {
        LOG.warn("the index goes on as it was: {}", refusal);
        lastRefusal = refusal;
      }
    } catch (IllegalStateException _) {
      timer.shutdown();
    }
  }

  @Override
  public void close() {
    timer.close();
  }
}
