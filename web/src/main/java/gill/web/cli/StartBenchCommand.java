package gill.web.cli;

import gill.web.load.ServedProcess;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    for (int i = 0; i < runs; i++) {
      seconds.computeIfAbsent("without a cache", _ -> new ArrayList<>()).add(start(without));
      if (!with.equals(without)) {
        seconds.computeIfAbsent("with a cache", _ -> new ArrayList<>()).add(start(with));
      }
    }
    print(seconds);
    return 0;
  }

  private double start(List<String> machineOptions) {
    try (LoadOptions.Target server = target.start(places, machineOptions)) {
      return server.readySeconds();
    }
  }

  private void print(Map<String, List<Double>> seconds) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(PrettyJson.of(Map.of("machine", Measures.machine(), "secondsToReady", seconds)));
      return;
    }
    seconds.forEach((kind, all) -> {
      List<Double> sorted = all.stream().sorted().toList();
      out.printf(
          Locale.ROOT,
          "ready %s: median %.2f s, %.2f to %.2f s (%d starts)%n",
          kind,
          sorted.get(sorted.size() / 2),
          sorted.getFirst(),
          sorted.getLast(),
          sorted.size());
    });
    if (seconds.size() == 1) {
      spec.commandLine()
          .getErr()
          .println("There is no cache yet: ./gill serve makes one in the background.");
    }
  }
}
