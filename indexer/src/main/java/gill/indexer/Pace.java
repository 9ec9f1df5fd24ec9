package gill.indexer;

import gill.indexer.flow.Progress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/// Rate and remaining time of a job, from the last ten seconds.
public final class Pace {
  private static final long WINDOW = Duration.ofSeconds(10).toNanos();

  /// @param at nanoseconds
  private record Mark(long at, long done) {}

  private final long total;
  private final LongSupplier nanoseconds;
  private final Deque<Mark> marks = new ArrayDeque<>();

  /// @param done what was done before the clock starts
  public Pace(long total, long done, LongSupplier nanoseconds) {
    this.total = total;
    this.nanoseconds = nanoseconds;
    marks.add(new Mark(nanoseconds.getAsLong(), done));
  }

  public Progress at(long done, long failures) {
    long now = nanoseconds.getAsLong();
    marks.addLast(new Mark(now, done));
    while (marks.size() > 2 && now - marks.getFirst().at() > WINDOW) {
      marks.removeFirst();
    }
    Mark from = marks.getFirst();
    double seconds = (now - from.at()) / 1e9;
    double perSecond = seconds > 0 ? (done - from.done()) / seconds : 0;
    long left = perSecond > 0 ? Math.round(Math.max(0, total - done) / perSecond) : 0;
    return new Progress(done, total, failures, perSecond, Duration.ofSeconds(left));
  }
}
