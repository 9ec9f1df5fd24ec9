package gill.engine.runtime;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Counts the native objects that are open now, each with the place that opened it.
///
/// Process-wide, as native memory is. Tests assert that [#openSites()] is empty when everything is
/// closed.
public final class LeakCheck {
  private static final Set<Ticket> OPEN = ConcurrentHashMap.newKeySet();

  private LeakCheck() {}

  /// Notes that a native object exists, until the ticket is closed.
  public static Ticket opened(String what) {
    String site =
        StackWalker.getInstance()
            .walk(frames ->
                frames
                    .skip(1)
                    .filter(f -> f.getClassName().startsWith("gill."))
                    .limit(4)
                    .map(f -> f.getClassName() + "." + f.getMethodName() + ":" + line(f))
                    .toList())
            .toString();
    Ticket ticket = new Ticket(what + " opened at " + site);
    OPEN.add(ticket);
    return ticket;
  }

  private static int line(StackWalker.StackFrame frame) {
    return frame.getLineNumber();
  }

  /// How many native objects are open.
  public static int open() {
    return OPEN.size();
  }

  /// What is open and where it was opened.
  public static List<String> openSites() {
    return OPEN.stream().map(Ticket::toString).sorted().toList();
  }

  /// Proof that a native object is open. Closing twice does nothing.
  public static final class Ticket implements AutoCloseable {
    private final String description;

    private Ticket(String description) {
      this.description = description;
    }

    @Override
    public void close() {
      OPEN.remove(this);
    }

    @Override
    public String toString() {
      return description;
    }
  }
}
