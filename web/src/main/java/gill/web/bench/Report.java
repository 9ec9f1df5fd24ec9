package gill.web.bench;

import gill.web.bench.PeerResult.Point;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// Results as Markdown tables.
public final class Report {
  private Report() {}

  public static String markdown(Collection<PeerResult> results) {
    return String.join("\n", builds(results), efforts(results), filters(results), notes(results))
            .strip()
        + "\n";
  }

  private static String builds(Collection<PeerResult> results) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| peer | library | build | index on disk | start | resident: started / searched"
            + " (of it anonymous) |");
    lines.add("|---|---|---|---|---|---|");
    for (PeerResult it : results) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.0f s | %s | %.2f s | %s / %s (%s) |",
              it.peer(),
              it.version(),
              it.buildSeconds(),
              megabytes(it.indexBytes()),
              it.startSeconds(),
              megabytes(it.residentStart()),
              megabytes(it.resident()),
              megabytes(it.residentAnonymous())));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String efforts(Collection<PeerResult> results) {
    List<String> lines = new ArrayList<>();
    lines.add("| peer | effort | recall@10 | QPS, 1 thread | QPS, 2 threads | p50 | p99 |");
    lines.add("|---|---|---|---|---|---|---|");
    for (PeerResult it : results) {
      for (Point point : it.unfiltered()) {
        lines.add("| " + it.peer() + " | " + point.effort() + " | " + figures(point) + " |");
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private static String filters(Collection<PeerResult> results) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| peer | passing | recall@10 | QPS, 1 thread | QPS, 2 threads | p50 | p99 | p99 to unfiltered |");
    lines.add("|---|---|---|---|---|---|---|---|");
    for (PeerResult it : results) {
      for (Point point : it.points()) {
        if (point.share() < 1) {
          lines.add(
              String.format(
                  Locale.ROOT,
                  "| %s, %s | %.3g %% | %s | %.1f |",
                  it.peer(),
                  point.effort(),
                  100 * point.share(),
                  figures(point),
                  point.p99() / unfiltered(it, point.effort()).p99()));
        }
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private static Point unfiltered(PeerResult result, String effort) {
    return result.unfiltered().stream()
        .filter(point -> point.effort().equals(effort))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                result.peer() + " was filtered at " + effort + " but never searched without"));
  }

  private static String figures(Point point) {
    return String.format(
        Locale.ROOT,
        "%.3f | %.0f | %.0f | %.2f ms | %.2f ms",
        point.recall(),
        point.qps1(),
        point.qps2(),
        point.p50(),
        point.p99());
  }

  private static String notes(Collection<PeerResult> results) {
    List<String> lines = new ArrayList<>();
    results.forEach(it -> it.notes().forEach(note -> lines.add("* " + it.peer() + ", " + note)));
    return String.join("\n", lines);
  }

  private static String megabytes(long bytes) {
    return Math.round(bytes / 1e6) + " MB";
  }
}
