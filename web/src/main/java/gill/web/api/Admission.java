package gill.web.api;

import java.util.concurrent.Semaphore;

/// Lets a bounded number of requests into the engine, running and waiting together, and refuses the
/// rest at once with 503.
public final class Admission {
  private final int limit;
  private final Semaphore free;

  public Admission(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("at least 1 request must be admitted, got " + limit);
    }
    this.limit = limit;
    this.free = new Semaphore(limit);
  }

  /// A place in the engine, given back by closing it.
  public final class Ticket implements AutoCloseable {
    private Ticket() {}

    @Override
    public void close() {
      free.release();
    }
  }

  Ticket enter() {
    if (!free.tryAcquire()) {
      throw new Problem(
          503,
          "overloaded",
          "All " + limit + " places for requests are taken. Try again in a few seconds.");
    }
    return new Ticket();
  }

  /// Waits for a place, for work that nobody waits for at the other end of a connection.
  Ticket await() throws InterruptedException {
    free.acquire();
    return new Ticket();
  }

  public int inUse() {
    return limit - free.availablePermits();
  }
}
