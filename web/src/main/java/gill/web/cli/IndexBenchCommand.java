package gill.web.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `gill bench index`: indexing against its limit and against the usual way.
@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    subcommands = {IndexBenchPart.class, IndexMemoryCommand.class},
    header = "Measures indexing against the bare encoder and against a PyTorch DataLoader.",
    description = {
      "",
      "Images a second and peak memory, at 256-pixel and at 12-megapixel JPEGs (made by the command),"
          + " each in a process of its own, one after another: the encoder fed from memory (the"
          + " limit), the indexing job, and a PyTorch DataLoader that decodes with Pillow for the same"
          + " encoder in ONNX Runtime. The DataLoader's libraries are fetched into the output folder"
          + " (python3 with venv and gcc; 0.6 GB)."
    })
final class IndexBenchCommand implements Callable<Integer> {
  private static final String DEFAULT_OUT = "target/bench-index";
  private static final int BATCH = 16;

  @Spec private CommandSpec spec;
  @Mixin private Places places;

  @Option(
      names = "--small",
      paramLabel = "N",
      defaultValue = "1500",
      description = "256-pixel JPEGs (default: 1500).")
  private int small;

  @Option(
      names = "--large",
      paramLabel = "N",
      defaultValue = "32",
      description = "JPEGs of 4000 x 3000 pixels (default: 32).")
  private int large;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "2",
      description = "Each is measured so often, in turns; the best counts (default: 2).")
  private int rounds;

  @Option(
      names = "--python",
      paramLabel = "DIR",
      description =
          "An environment with torch, onnxruntime and pillow (and stubs/ for the CUDA libraries)"
              + " instead of one that is fetched.")
  private @Nullable Path python;

  @Option(names = "--no-peer", description = "Leave the DataLoader out.")
  private boolean noPeer;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Pictures, indexes and libraries (default: " + DEFAULT_OUT + ").")
  private Path out = Path.of("");

  @Option(names = "--json", description = "Print the results as JSON instead of Markdown.")
  private boolean json;

  /// What one process measured.
  private record Result(
      String pictures, String way, double imagesPerSecond, double cpuMilliseconds, double peakMb) {}

  @Override
  public Integer call() throws IOException {
    if (small < 16 || large < 2 || rounds < 1) {
      throw new CommandException("measure at least 16 small and 2 large images, once", 2);
    }
    Path folder =
        (out.toString().isEmpty() ? Places.root().resolve(DEFAULT_OUT) : out)
            .toAbsolutePath()
            .normalize();
    PrintWriter err = spec.commandLine().getErr();
    err.println("making pictures in " + folder);
    Map<String, Path> corpora = new LinkedHashMap<>();
    corpora.put(
        "256-pixel JPEGs", BenchPictures.make(folder.resolve("small-" + small), small, 256, 256));
    corpora.put(
        "12-megapixel JPEGs",
        BenchPictures.make(folder.resolve("large-" + large), large, 4000, 3000));
    Map<String, Result> best = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, Path> corpus : corpora.entrySet()) {
        for (String way : ways()) {
          Result result = measure(corpus.getKey(), corpus.getValue(), way, folder);
          err.println(result);
          best.merge(
              corpus.getKey() + way,
              result,
              (a, b) -> a.imagesPerSecond() >= b.imagesPerSecond() ? a : b);
        }
      }
    }
    print(List.copyOf(best.values()));
    return 0;
  }

  private List<String> ways() {
    return noPeer ? List.of("encoder", "job") : List.of("encoder", "job", "dataloader");
  }

  private Result measure(String pictures, Path corpus, String way, Path folder) throws IOException {
    List<String> command = new ArrayList<>();
    Map<String, String> environment = new LinkedHashMap<>();
    Path bundle = places.bundle().toAbsolutePath();
    if (way.equals("dataloader")) {
      Path at = python == null ? prepared(folder.resolve("python")) : python;
      Path script = Places.root().resolve("web/src/bench/index/dataloader.py");
      command.addAll(
          List.of(
              at.resolve("bin/python").toString(),
              script.toString(),
              corpus.toString(),
              bundle.toString(),
              Integer.toString(BATCH),
              Integer.toString(Runtime.getRuntime().availableProcessors())));
      environment.put("LD_LIBRARY_PATH", at.resolve("stubs").toString());
    } else {
      command.addAll(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "--add-modules",
              "jdk.incubator.vector",
              "--enable-native-access=ALL-UNNAMED",
              "-Dgill.root=" + Places.root(),
              "-cp",
              System.getProperty("java.class.path"),
              Gill.class.getName(),
              "bench",
              "index",
              "part",
              way,
              corpus.toString(),
              bundle.toString(),
              folder.resolve("index-" + corpus.getFileName()).toString()));
    }
    JsonNode measured = JsonMapper.shared().readTree(run(command, environment));
    return new Result(
        pictures,
        way,
        measured.path("images_per_second").doubleValue(),
        measured.path("cpu_ms_per_image").doubleValue(),
        measured.path("peak_rss_mb").doubleValue());
  }

  private static Path prepared(Path at) throws IOException {
    if (!Files.exists(at.resolve("ready"))) {
      run(
          List.of(
              "sh",
              Places.root().resolve("web/src/bench/index/prepare.sh").toString(),
              at.toString()),
          Map.of());
    }
    return at;
  }

  /// The last line that a program prints.
  private static String run(List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (Stream<String> lines = process.inputReader(StandardCharsets.UTF_8).lines()) {
      List<String> printed = lines.toList();
      int exit = process.waitFor();
      if (exit != 0) {
        throw new CommandException(command.getFirst() + " failed with exit code " + exit);
      }
      return printed.isEmpty() ? "" : printed.getLast();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CommandException("the measurement was broken off");
    } finally {
      process.destroy();
    }
  }

  private void print(List<Result> results) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (json) {
      stdout.println(PrettyJson.of(Map.of("machine", Measures.machine(), "results", results)));
      return;
    }
    Map<String, Double> rates =
        results.stream()
            .collect(Collectors.toMap(it -> it.pictures() + it.way(), Result::imagesPerSecond));
    stdout.println(
        "| pictures | way | images/s | of the bare encoder | CPU ms/image | peak memory |");
    stdout.println("|---|---|---|---|---|---|");
    for (Result result : results) {
      stdout.printf(
          Locale.ROOT,
          "| %s | %s | %.1f | %.0f %% | %.1f | %.0f MB |%n",
          result.pictures(),
          result.way(),
          result.imagesPerSecond(),
          100
              * result.imagesPerSecond()
              / rates.getOrDefault(result.pictures() + "encoder", Double.NaN),
          result.cpuMilliseconds(),
          result.peakMb());
    }
  }
}
