package gill.engine.eval;

import gill.engine.flow.Reliability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// A reliability diagram as SVG: what was said (across) against what was so (up), a dot a bin, its
/// area by the bin's cases; on the line, words and truth agree.
public final class ReliabilityPlot {
  private static final int SIDE = 300;
  private static final int EDGE = 40;

  private ReliabilityPlot() {}

  static void write(Classification.Bin[] bins, Path file) {
    save(svg(bins), file);
  }

  private static void save(String svg, Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, svg);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the plot " + file, e);
    }
  }

  /// Diagrams side by side.
  ///
  /// @param named what each is of
  public static void write(Map<String, Reliability> named, Path file) {
    int size = SIDE + 2 * EDGE;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif">
        """
            .formatted(named.size() * size, size + EDGE));
    int at = 0;
    for (Map.Entry<String, Reliability> it : named.entrySet()) {
      Reliability reliability = it.getValue();
      svg.append(
          """
          <g transform="translate(%d %d)">
          %s<text x="%d" y="-10">%s: calibration error %s, n = %d</text>
          </g>
          """
              .formatted(
                  at,
                  EDGE,
                  panel("p_match", "hits that fit", bins(reliability)),
                  EDGE,
                  it.getKey(),
                  String.format(Locale.ROOT, "%.3f", reliability.error()),
                  reliability.cases()));
      at += size;
    }
    save(svg.append("</svg>").append(System.lineSeparator()).toString(), file);
  }

  private static Classification.Bin[] bins(Reliability reliability) {
    return reliability.bins().stream()
        .map(bin -> new Classification.Bin(bin.cases(), bin.said(), bin.seen()))
        .toArray(Classification.Bin[]::new);
  }

  static String svg(Classification.Bin[] bins) {
    return panel("P(corpus)", "share of corpus", bins);
  }

  private static String panel(String said, String so, Classification.Bin[] bins) {
    int size = SIDE + 2 * EDGE;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%1$d" font-family="sans-serif" font-size="12">
        <rect width="%1$d" height="%1$d" fill="white"/>
        <rect x="%2$d" y="%2$d" width="%3$d" height="%3$d" fill="none" stroke="gray"/>
        <line x1="%2$d" y1="%4$d" x2="%4$d" y2="%2$d" stroke="gray" stroke-dasharray="4"/>
        <text x="%2$d" y="%5$d">said: %6$s 0 to 1</text>
        <text x="%2$d" y="30">so: %7$s 0 to 1; area = cases</text>
        """
            .formatted(size, EDGE, SIDE, EDGE + SIDE, EDGE + SIDE + 20, said, so));
    int most = 1;
    for (Classification.Bin bin : bins) {
      most = Math.max(most, bin.count());
    }
    for (Classification.Bin bin : bins) {
      if (bin.count() > 0) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"steelblue\""
                    + " fill-opacity=\"0.7\"><title>%d cases</title></circle>%n",
                EDGE + SIDE * bin.meanProbability(),
                EDGE + SIDE * (1 - bin.share()),
                3 + 15 * Math.sqrt((double) bin.count() / most),
                bin.count()));
      }
    }
    return svg.append("</svg>\n").toString();
  }
}
