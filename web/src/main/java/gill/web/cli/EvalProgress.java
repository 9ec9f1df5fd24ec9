package gill.web.cli;

import gill.engine.eval.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/// The progress of an evaluation: a line every ten seconds and at the end of a suite.
final class EvalProgress implements Progress {
  private static final long BETWEEN = Duration.ofSeconds(10).toNanos();

  private final PrintWriter out;
  private final LongSupplier nanoseconds;
  private String suite = "";
  private long begin;
  private long last;

  EvalProgress(PrintWriter out, LongSupplier nanoseconds) {
    this.out = out;
    this.nanoseconds = nanoseconds;
  }

  @Override
  public void at(String name, int done, int of) {
    long now = nanoseconds.getAsLong();
    if (!name.equals(suite)) {
      suite = name;
      begin = now;
      last = now;
    }
    if (now - last < BETWEEN && done < of) {
      return;
    }
    last = now;
    double seconds = Math.max((now - begin) / 1e9, 1e-3);
    double rate = done / seconds;
    out.println(
        String.format(Locale.ROOT, "%s: %d/%d cases, %.1f/s", name, done, of, rate)
            + (done < of && rate > 0
                ? String.format(Locale.ROOT, ", %.0f s left", (of - done) / rate)
                : ""));
    out.flush();
  }

  void end() {
    out.flush();
  }
}
