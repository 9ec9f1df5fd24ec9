package gill.engine.runtime;

import gill.engine.fault.InferenceException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.AbortPolicy;
import java.util.concurrent.TimeUnit;

/// Lets a few model calls run at once, a bounded number wait, and refuses the rest.
///
/// Work runs on platform threads of the gate, so that virtual threads never sit in native code. A
/// task must not call the gate it runs on.
public final class InferenceGate implements AutoCloseable {
  private final ThreadPoolExecutor workers;
  private final int queueLimit;

  /// @param concurrent tasks that run at once, at least 1
  /// @param queueLimit tasks that may wait, at least 1
  public InferenceGate(int concurrent, int queueLimit) {
    if (concurrent < 1 || queueLimit < 1) {
      throw new IllegalArgumentException(
          "a gate runs at least 1 task and lets 1 wait, got " + concurrent + " and " + queueLimit);
    }
    this.queueLimit = queueLimit;
    workers =
        new ThreadPoolExecutor(
            concurrent,
            concurrent,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueLimit),
            Thread.ofPlatform().daemon().name("inference-", 0).factory(),
            new AbortPolicy());
  }

  /// Runs `task` on a thread of the gate and waits for its result. What the task throws arrives
  /// here: unchecked as it is, checked inside an [InferenceException]. An [InferenceException] says
  /// that too many wait or that the caller was interrupted; then the task is interrupted too.
  public <T> T call(Callable<T> task) {
    Future<T> future;
    try {
      future = workers.submit(task);
    } catch (RejectedExecutionException e) {
      throw workers.isShutdown()
          ? new InferenceException("the models are closed", e)
          : InferenceException.overloaded(
              "too many requests wait for the models: the limit is " + queueLimit);
    }
    try {
      return future.get();
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new InferenceException("interrupted while waiting for the models", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        case null, default -> throw new InferenceException("a model task failed: " + e, e);
      }
    }
  }

  /// Tasks that run now.
  public int running() {
    return workers.getActiveCount();
  }

  /// Tasks that wait now.
  public int waiting() {
    return workers.getQueue().size();
  }

  /// Refuses new tasks, interrupts the running ones and waits up to 10 s for them.
  @Override
  public void close() {
    workers.shutdownNow();
    try {
      workers.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
