package gill.web.cli;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.eval.EvidenceWriter;
import gill.engine.eval.ReliabilityPlot;
import gill.engine.eval.Subject;
import gill.engine.flow.CalibrationReport;
import gill.engine.flow.CalibrationReport.DecisionRow;
import gill.engine.flow.CalibrationReport.MatchRow;
import gill.engine.flow.DecisionLabel;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Reliability;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// `gill decision`: how far `p_match` and P(retrieve) can be believed on an index.
@Command(
    name = "decision",
    mixinStandardHelpOptions = true,
    header = "Fits p_match and the choice between corpus and generator to an index.",
    synopsisSubcommandLabel = "COMMAND")
final class DecisionCommand {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  @Spec private CommandSpec spec;

  @Command(
      name = "calibrate",
      header =
          "Asks the index for its own captions, with and without their images, and stores the fit.",
      description = {
        "",
        "A running server finds the new fit within seconds. Indexing fits p_match for searches by"
            + " itself; this command fits the [IMG] queries of conversations and the decision too."
      })
  int calibrate(
      @Mixin Places places,
      @Option(
              names = "--feedback",
              paramLabel = "FILE",
              defaultValue = "",
              description =
                  "Entries of GET /v1/feedback, one a line (JSONL): kept and switched count.")
          Path feedback,
      @Option(
              names = "--plot",
              paramLabel = "FILE",
              defaultValue = "",
              description = "Draw what is said against what is seen, per kind of query, as SVG.")
          Path plot,
      @Option(names = "--json", description = "Print the report as JSON.") boolean json) {
    List<DecisionLabel> labels = feedback.toString().isEmpty() ? List.of() : labels(feedback);
    try (Engine engine = Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT)) {
      CalibrationReport report = engine.calibrate(labels);
      if (!plot.toString().isEmpty()) {
        Map<String, Reliability> named = new LinkedHashMap<>();
        report.match().forEach(row -> named.put(name(row.kind()).strip(), row.after()));
        ReliabilityPlot.write(named, plot);
      }
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(JSON.writeValueAsString(report));
      } else {
        report.match().forEach(row -> print(row, out));
        report.decision().forEach(row -> print(row, out));
      }
    }
    return 0;
  }

  @Command(
      name = "evidence",
      header = "Writes what the decision's head sees of labelled requests, for its training.",
      description = {
        "",
        "Requests: python -m gill_training gill-decision-requests. A broken off run goes on where it"
            + " stopped."
      })
  int evidence(
      @Mixin Places places,
      @Option(
              names = "--requests",
              paramLabel = "FILE",
              required = true,
              description = "Labelled requests, one a line (JSONL).")
          Path requests,
      @Option(
              names = "--out",
              paramLabel = "FILE",
              required = true,
              description = "Where their evidence goes, one line each.")
          Path evidence,
      @Option(
              names = "--threads",
              paramLabel = "N",
              defaultValue = "1",
              description = "Native threads a model call; 0 = all cores (default: 1).")
          int threads)
      throws IOException {
    EvalProgress progress = new EvalProgress(spec.commandLine().getErr(), System::nanoTime);
    try (Subject subject =
        Subject.open(places.bundle(), places.index(), evidence.resolveSibling(""), threads)) {
      new EvidenceWriter(subject).write(requests, evidence, progress);
    } finally {
      progress.end();
    }
    return 0;
  }

  @Command(name = "show", header = "Says what is fitted to the index.")
  int show(
      @Mixin Places places,
      @Option(names = "--json", description = "Print it as JSON.") boolean json) {
    try (Engine engine = Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT)) {
      PrintWriter out = spec.commandLine().getOut();
      IndexCalibration calibration = engine.calibration();
      if (json) {
        out.println(JSON.writeValueAsString(calibration));
      } else {
        print(calibration, out);
      }
    }
    return 0;
  }

  private static void print(IndexCalibration calibration, PrintWriter out) {
    for (QueryKind kind : QueryKind.values()) {
      out.println(
          name(kind)
              + calibration
                  .match(kind)
                  .map(fit ->
                      String.format(
                          Locale.ROOT,
                          "p_match = sigmoid(%.3f cosine %+.3f mean %+.3f z %+.3f), from %d queries,"
                              + " calibration error %.3f",
                          fit.curve().cosine(),
                          fit.curve().mean(),
                          fit.curve().z(),
                          fit.curve().bias(),
                          fit.queries(),
                          fit.error()))
                  .orElse("not fitted; the bundle's curve is used"));
    }
    var decision = calibration.decision();
    out.println(
        "decision  "
            + (decision.cases() == 0
                ? "not fitted; the head's own probability is used"
                : String.format(
                    Locale.ROOT,
                    "temperature %.3f, bias %.3f, from %d cases, calibration error %.3f",
                    decision.temperature(),
                    decision.bias(),
                    decision.cases(),
                    decision.error())));
  }

  private static String name(QueryKind kind) {
    return String.format(Locale.ROOT, "%-10s", kind.name().toLowerCase(Locale.ROOT));
  }

  private static void print(MatchRow row, PrintWriter out) {
    out.println(
        name(row.kind())
            + (row.fault().isEmpty()
                ? String.format(
                    Locale.ROOT,
                    "%d queries; calibration error %.3f before, %.3f after",
                    row.queries(),
                    row.before().error(),
                    row.after().error())
                : "not fitted: " + row.fault()));
    print(row.after(), out);
  }

  private static void print(DecisionRow row, PrintWriter out) {
    out.println(
        "decision  "
            + (row.fault().isEmpty()
                ? String.format(
                    Locale.ROOT,
                    "%d cases; calibration error %.3f before, %.3f after; macro-F1 %.3f before, %.3f"
                        + " after",
                    row.fit().cases(),
                    row.before().error(),
                    row.after().error(),
                    row.macroF1Before(),
                    row.macroF1After())
                : "not fitted: " + row.fault()));
    print(row.after(), out);
  }

  private static void print(Reliability reliability, PrintWriter out) {
    if (!reliability.bins().isEmpty()) {
      out.println("            said  seen  cases");
    }
    for (Reliability.Bin bin : reliability.bins()) {
      out.printf(Locale.ROOT, "            %.2f  %.2f  %5d%n", bin.said(), bin.seen(), bin.cases());
    }
  }

  /// What users decided: keeping a picture says that its source was right, switching that the other
  /// was. Where neither was right nothing is learnt.
  private static List<DecisionLabel> labels(Path file) {
    List<DecisionLabel> labels = new ArrayList<>();
    int number = 0;
    try {
      for (String line : Files.readAllLines(file)) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        JsonNode entry = JSON.readTree(line);
        JsonNode said = entry.has("feedback") ? entry.get("feedback") : entry;
        String event = said.path("event").asString("");
        if (!said.path("p_retrieve").isNumber() || event.equals("wrong")) {
          continue;
        }
        boolean retrieved = said.path("shown").asString("").equals("retrieved");
        labels.add(
            new DecisionLabel(
                said.get("p_retrieve").doubleValue(), retrieved == event.equals("kept")));
      }
    } catch (IOException e) {
      throw new CommandException("cannot read " + file + ": " + e.getMessage());
    } catch (JacksonException | IllegalArgumentException e) {
      throw new CommandException(
          file + ", line " + number + ": not an entry of /v1/feedback: " + e.getMessage());
    }
    return labels;
  }
}
