package gill.web.cli;

import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/// Waits for the signal to stop (SIGTERM, Ctrl+C), so that the program can end in its own time and
/// with exit code 0. A second signal ends it at once, as it would without this.
final class Stop implements AutoCloseable {
  private static final Signal TERM = new Signal("TERM");
  private static final Signal INT = new Signal("INT");

  private final CountDownLatch told = new CountDownLatch(1);
  private final SignalHandler formerTerm = Signal.handle(TERM, _ -> tell());
  private final SignalHandler formerInt = Signal.handle(INT, _ -> tell());

  private Stop() {}

  static Stop listen() {
    return new Stop();
  }

  private void tell() {
    close();
    told.countDown();
  }

  void await() throws InterruptedException {
    told.await();
  }

  @Override
  public void close() {
    Signal.handle(TERM, formerTerm);
    Signal.handle(INT, formerInt);
  }
}
