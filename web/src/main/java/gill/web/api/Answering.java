package gill.web.api;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Output;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A reply under way on a thread of its own, read output by output. A client that reads slowly
/// holds up its own request only, never the engine.
final class Answering implements AutoCloseable {
  /// What comes out next.
  sealed interface Step {
    record Next(Output output) implements Step {}

    record Failed(RuntimeException fault) implements Step {}

    /// The engine is done.
    record End() implements Step {}

    /// Nothing for a while.
    record Quiet() implements Step {}
  }

  /// What the engine is asked to do: outputs go to the sink as they are made.
  @FunctionalInterface
  interface Work {
    void run(Consumer<Output> sink, Cancellation cancellation);
  }

  private static final long QUIET_SECONDS = 10;

  private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
  private final AtomicBoolean abandoned = new AtomicBoolean();
  private final Thread worker;

  Answering(Work work, Cancellation cancellation) {
    Cancellation either = () -> abandoned.get() || cancellation.isCancelled();
    worker = Thread.ofVirtual().name("reply").start(RequestId.carried(() -> run(work, either)));
  }

  private void run(Work work, Cancellation cancellation) {
    @Nullable Step end = null;
    try {
      work.run(output -> steps.add(new Step.Next(output)), cancellation);
      end = new Step.End();
    } catch (RuntimeException e) {
      end = new Step.Failed(e);
    } finally {
      // An Error passes on to the thread's handler, which logs it; the reader must not wait for it.
      steps.add(
          end == null ? new Step.Failed(new IllegalStateException("the reply broke off")) : end);
    }
  }

  Step next() throws InterruptedException {
    Step step = steps.poll(QUIET_SECONDS, TimeUnit.SECONDS);
    return step == null ? new Step.Quiet() : step;
  }

  /// Cancels the reply if it still runs, and waits until the engine has let go of it.
  @Override
  public void close() {
    abandoned.set(true);
    try {
      worker.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
