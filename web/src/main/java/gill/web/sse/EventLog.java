package gill.web.sse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What a job or a streamed answer told, event by event, for readers that come and go: who says the
/// number of the last event it has read goes on behind it. The last so many events are kept; a
/// reader that is further behind goes on with the oldest of them. Safe for use by many threads.
public final class EventLog {
  /// @param id from 1, without gaps
  /// @param text as it is sent, but for the id and the empty line at its end
  record Event(long id, String text) {}

  private final Deque<Event> events = new ArrayDeque<>();
  private final int kept;
  private long last;
  private boolean over;

  public EventLog(int kept) {
    this.kept = kept;
  }

  /// Tells `data: json`.
  public void data(String json) {
    add("data: " + json + "\n");
  }

  /// Tells `event: name` with `data: json`.
  public void event(String name, String json) {
    add("event: " + name + "\ndata: " + json + "\n");
  }

  /// Tells something that every client skips unless it knows it.
  public void comment(String text) {
    add(": " + text + "\n");
  }

  private synchronized void add(String text) {
    events.addLast(new Event(++last, text));
    if (events.size() > kept) {
      events.removeFirst();
    }
    notifyAll();
  }

  /// Says that nothing more comes.
  public synchronized void end() {
    over = true;
    notifyAll();
  }

  /// Whether nothing was told yet.
  public synchronized boolean isEmpty() {
    return last == 0;
  }

  /// Whether the event numbered `after` was the last one.
  public synchronized boolean isOverAfter(long after) {
    return over && last <= after;
  }

  /// Events after the one numbered `after`; waits for one, at most `milliseconds`. Empty if none
  /// came meanwhile, or none will.
  synchronized List<Event> after(long after, long milliseconds) throws InterruptedException {
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
}
