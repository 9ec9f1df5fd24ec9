package gill.web.cli;

import gill.indexer.IndexingListener;
import gill.indexer.flow.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/// A job's progress: on a terminal one line that is drawn again and again, elsewhere a line every
/// ten seconds.
final class ProgressLine implements IndexingListener {
  private static final int BAR = 24;

  private final PrintWriter out;
  private final boolean terminal;
  private final LongSupplier nanoseconds;
  private final long between;
  private long last;
  private boolean drawn;

  ProgressLine(PrintWriter out, boolean terminal, LongSupplier nanoseconds) {
    this.out = out;
    this.terminal = terminal;
    this.nanoseconds = nanoseconds;
    this.between = (terminal ? Duration.ofMillis(200) : Duration.ofSeconds(10)).toNanos();
    this.last = nanoseconds.getAsLong();
  }

  static ProgressLine on(PrintWriter out) {
    Console console = System.console();
    return new ProgressLine(out, console != null && console.isTerminal(), System::nanoTime);
  }

  @Override
  public void progress(Progress progress) {
    long now = nanoseconds.getAsLong();
    if (now - last < between && progress.done() < progress.total()) {
      return;
    }
    last = now;
    if (terminal) {
      out.print("\r" + bar(progress) + " " + words(progress) + "\u001b[K");
      drawn = true;
    } else {
      out.println(words(progress));
    }
    out.flush();
  }

  /// Leaves the line, so that what follows starts on a fresh one.
  void end() {
    if (drawn) {
      out.println();
      drawn = false;
    }
  }

  private static String bar(Progress progress) {
    int full =
        progress.total() == 0 ? 0 : (int) Math.min(BAR, BAR * progress.done() / progress.total());
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
  }

  private static String words(Progress progress) {
    String text =
        String.format(
            Locale.ROOT,
            "%d/%d images, %.1f/s",
            progress.done(),
            progress.total(),
            progress.perSecond());
    if (progress.done() < progress.total()) {
      long seconds = progress.left().toSeconds();
      text +=
          seconds >= 3600
              ? String.format(
                  Locale.ROOT,
                  ", %d:%02d:%02d left",
                  seconds / 3600,
                  seconds / 60 % 60,
                  seconds % 60)
              : String.format(Locale.ROOT, ", %d:%02d left", seconds / 60, seconds % 60);
    }
    return progress.failures() > 0 ? text + ", " + progress.failures() + " not indexed" : text;
  }
}
