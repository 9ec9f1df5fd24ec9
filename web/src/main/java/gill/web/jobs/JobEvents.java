package gill.web.jobs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What a job told, event by event, for readers that come and go: who says the number of the last
/// event it has read goes on behind it. The last [#KEPT] events are kept; a reader that is further
/// behind goes on with the oldest of them. Safe for use by many threads.
public final class JobEvents {
  /// Progress tells all that was before it, so older events are no loss.
  static final int KEPT = 1000;

  /// @param id from 1, without gaps
  /// @param name `progress`, `preview`, or how the job ended
  /// @param json the event's data
  public record Event(long id, String name, String json) {}

  private final Deque<Event> events = new ArrayDeque<>();
  private long last;
  private boolean over;

  synchronized void add(String name, String json) {
    events.addLast(new Event(++last, name, json));
    if (events.size() > KEPT) {
      events.removeFirst();
    }
    notifyAll();
  }

  /// Adds the last event.
  synchronized void end(String name, String json) {
    add(name, json);
    over = true;
  }

  /// Events after the one numbered `after`; waits for one, at most `milliseconds`. Empty if none
  /// came meanwhile, or none will.
  public synchronized List<Event> after(long after, long milliseconds) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    while (last <= after && !over) {
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      if (left <= 0) {
        return List.of();
      }
      wait(left);
    }
    List<Event> found = new ArrayList<>();
    for (Event event : events) {
      if (event.id() > after) {
        found.add(event);
      }
    }
    return found;
  }

  /// Whether the event numbered `after` was the last one.
  public synchronized boolean isOverAfter(long after) {
    return over && last <= after;
  }
}
