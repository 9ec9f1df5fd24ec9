package gill.web.cli;

import gill.web.load.ServedProcess;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gill bench start`: how long a server takes until it is ready.
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    header = "Measures how long a server takes from the start of its process until it is ready.",
    description = {
      "",
      "With and without the cache of loaded classes (target/aot), which ./gill makes in the"
          + " background when it first serves, in turn."
    })
final class StartBenchCommand implements Callable<Integer> {
  private static final String CACHE = "-XX:AOTCache=";

  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private LoadOptions target;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Starts of each kind, 1 to 100 (default: 5).")
  private int runs;

  @Option(names = "--json", description = "Print the times as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (runs < 1 || runs > 100) {
      throw new CommandException("--runs must be in 1 to 100, got " + runs, 2);
    }
    List<String> with = ServedProcess.machineOptions();
    List<String> without = with.stream().filter(it -> !it.startsWith(CACHE)).toList();
    Map<String, List<Start>> starts = new LinkedHashMap<>();
    for (int i = 0; i < runs; i++) {
      starts.computeIfAbsent("without a cache", _ -> new ArrayList<>()).add(start(without));
      if (!with.equals(without)) {
        starts.computeIfAbsent("with a cache", _ -> new ArrayList<>()).add(start(with));
      }
    }
    print(starts);
    return 0;
  }

  /// @param seconds from the start of the process
  /// @param processorSeconds used by it
  private record Start(double seconds, double processorSeconds) {}

  private Start start(List<String> machineOptions) {
    try (LoadOptions.Target server = target.start(places, machineOptions)) {
      ServedProcess process = Objects.requireNonNull(server.process());
      return new Start(process.readySeconds(), process.readyProcessorSeconds());
    }
  }

  private void print(Map<String, List<Start>> starts) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(PrettyJson.of(Map.of("machine", Measures.machine(), "ready", starts)));
      return;
    }
    starts.forEach((kind, all) -> {
      List<Double> seconds = all.stream().map(Start::seconds).sorted().toList();
      List<Double> processor = all.stream().map(Start::processorSeconds).sorted().toList();
      out.printf(
          Locale.ROOT,
          "ready %s: median %.2f s (%.2f to %.2f), of processor time %.2f s; %d starts%n",
          kind,
          seconds.get(seconds.size() / 2),
          seconds.getFirst(),
          seconds.getLast(),
          processor.get(processor.size() / 2),
          seconds.size());
    });
    if (starts.size() == 1) {
      spec.commandLine()
          .getErr()
          .println("There is no cache yet: ./gill serve makes one in the background.");
    }
  }
}
