package gill.engine.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The results as Markdown tables and JSON.
///
/// @param facts what was measured where: machine, commit, bundle, index, seed
public record Report(Map<String, String> facts, List<SuiteResult> results) {
  public Report {
    facts = Collections.unmodifiableMap(new TreeMap<>(facts));
    results = List.copyOf(results);
  }

  /// Writes `report.json` and `report.md`.
  public void write(Path folder) {
    ResultFile.write(this, folder.resolve("report.json"));
    try {
      Files.writeString(folder.resolve("report.md"), markdown());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the report to " + folder, e);
    }
  }

  public String markdown() {
    StringBuilder text = new StringBuilder("# Evaluation\n\n").append(header()).append('\n');
    text.append("## Aims\n\n").append(aims()).append('\n');
    for (SuiteResult result : results) {
      text.append("## ").append(result.suite()).append("\n\n").append(block(result)).append('\n');
    }
    return text.toString();
  }

  /// What was measured where, one line a fact.
  String header() {
    StringBuilder text = new StringBuilder();
    facts.forEach(
        (name, fact) -> text.append("* ").append(name).append(": ").append(fact).append('\n'));
    return text.toString();
  }

  /// A suite's tables and further blocks.
  String block(SuiteResult result) {
    StringBuilder text = new StringBuilder();
    Map<String, List<Measure>> tables = new LinkedHashMap<>();
    for (Measure measure : result.measures()) {
      tables.computeIfAbsent(measure.table(), _ -> new ArrayList<>()).add(measure);
    }
    tables.forEach((_, measures) -> text.append(table(measures)).append('\n'));
    result.blocks().forEach(block -> text.append(block.strip()).append("\n\n"));
    return text.append(
            String.format(
                Locale.ROOT,
                "Mean and 95 %% bootstrap interval of n cases; this suite took %.0f s.%n",
                result.seconds()))
        .toString();
  }

  /// Every figure that has an aim, and whether it is reached.
  String aims() {
    StringBuilder text = new StringBuilder("| figure | measured | aim | |\n|---|---|---|---|\n");
    for (SuiteResult result : results) {
      for (Measure measure : result.measures()) {
        if (measure.aim().isSet()) {
          double value = measure.figure().value();
          text.append(
              String.format(
                  Locale.ROOT,
                  "| %s: %s, %s | %s, n = %d | %s %s | %s |%n",
                  result.suite(),
                  measure.row(),
                  measure.column(),
                  figure(measure.figure()),
                  measure.figure().n(),
                  measure.aim().atLeast() ? "≥" : "≤",
                  number(measure.aim().bound()),
                  verdict(measure.aim(), value)));
        }
      }
    }
    return text.toString();
  }

  private static String verdict(Aim aim, double value) {
    if (Double.isNaN(value)) {
      return "no figure";
    }
    return aim.isMet(value) ? "met" : "**missed**";
  }

  private static String table(List<Measure> measures) {
    Set<String> columns = new LinkedHashSet<>();
    Map<String, Map<String, Measure>> rows = new LinkedHashMap<>();
    for (Measure measure : measures) {
      columns.add(measure.column());
      rows.computeIfAbsent(measure.row(), _ -> new LinkedHashMap<>())
          .put(measure.column(), measure);
    }
    StringBuilder text =
        new StringBuilder("| ").append(measures.getFirst().table()).append(" | n |");
    columns.forEach(column -> text.append(' ').append(column).append(" |"));
    text.append("\n|---|---|").append("---|".repeat(columns.size())).append('\n');
    rows.forEach((row, cells) -> {
      int n = cells.values().stream().mapToInt(cell -> cell.figure().n()).max().orElse(0);
      text.append("| ").append(row).append(" | ").append(n).append(" |");
      for (String column : columns) {
        Measure cell = cells.get(column);
        text.append(' ').append(cell == null ? "" : cell(cell.figure(), n)).append(" |");
      }
      text.append('\n');
    });
    return text.toString();
  }

  private static String cell(Interval figure, int n) {
    return figure(figure) + (figure.n() == n ? "" : ", n = " + figure.n());
  }

  /// E.g. `.54 (.49–.60)`; no interval where there is none.
  static String figure(Interval figure) {
    if (figure.n() == 0 || Double.isNaN(figure.value())) {
      return "–";
    }
    return figure.low() == figure.high() && figure.low() == figure.value()
        ? number(figure.value())
        : number(figure.value()) + " (" + number(figure.low()) + "–" + number(figure.high()) + ")";
  }

  /// Two decimals; no zero before the point; four where the figure is small; whole numbers whole.
  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    if (value == Math.rint(value) && Math.abs(value) >= 2) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    String text =
        String.format(Locale.ROOT, Math.abs(value) < 0.01 && value != 0 ? "%.4f" : "%.2f", value);
    return text.replaceFirst("^(-?)0\\.", "$1.");
  }
}
