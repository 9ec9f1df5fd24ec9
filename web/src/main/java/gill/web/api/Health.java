package gill.web.api;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Whether the server takes work, and how many requests are under way. Safe for use by many
/// threads.
public final class Health {
  /// What follows on each other, never back.
  enum State {
    STARTING,
    READY,
    STOPPING
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private State state = State.STARTING;
  private int underWay;

  /// From now on work is taken, unless the server is stopping already.
  public void ready() {
    lock.lock();
    try {
      if (state == State.STARTING) {
        state = State.READY;
      }
    } finally {
      lock.unlock();
    }
  }

  /// A request has come; [#ended] must follow.
  public void began() {
    lock.lock();
    try {
      underWay++;
    } finally {
      lock.unlock();
    }
  }

  /// The answer to a request has been written, or its client has left.
  public void ended() {
    lock.lock();
    try {
      underWay--;
      if (underWay == 0) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Takes no more work and waits until the requests under way have been answered, at most so long.
  /// False if some had not.
  public boolean drain(Duration most) throws InterruptedException {
    lock.lock();
    try {
      state = State.STOPPING;
      long left = most.toNanos();
      while (underWay > 0 && left > 0) {
        left = idle.awaitNanos(left);
      }
      return underWay == 0;
    } finally {
      lock.unlock();
    }
  }

  /// Refuses with 503 while no work is taken.
  void requireReady() {
    switch (state()) {
      case STARTING ->
          throw new Problem(
              503, "starting", "Models and index are being opened. Try again in a few seconds.");
      case STOPPING ->
          throw new Problem(
              503,
              "stopping",
              "The server is about to stop and finishes what it has begun. Try again in a few"
                  + " seconds.");
      case READY -> {}
    }
  }

  private State state() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }
}
