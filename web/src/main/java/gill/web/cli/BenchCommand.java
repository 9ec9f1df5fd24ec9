package gill.web.cli;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gill bench`: how fast this machine answers.
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {
      IndexBenchCommand.class,
      SearchBenchCommand.class,
      ServerBenchCommand.class,
      StartBenchCommand.class,
      SoakCommand.class
    },
    header = "Measures start, lookup, text, generation, indexing and memory on this machine.")
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Places places;

  @Option(
      names = "--lookups",
      paramLabel = "N",
      defaultValue = "20",
      description = "Lookups to time (default: 20).")
  private int lookups;

  @Option(
      names = "--answers",
      paramLabel = "N",
      defaultValue = "5",
      description = "Text answers to time (default: 5).")
  private int answers;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      defaultValue = "3",
      description = "Pictures to generate (default: 3).")
  private int pictures;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "300",
      description = "Images of the default corpus to index; 0 = none (default: 300).")
  private int images;

  @Option(names = "--json", description = "Print the measures as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Measures measures = new Measures();
    try (Engine engine =
        measures.opening(
            () -> Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT))) {
      measures.firstAnswer(engine);
      measures.searches(engine, Math.max(lookups, 1));
      measures.lookups(engine, Math.max(lookups, 1));
      measures.answers(engine, Math.max(answers, 1));
      measures.prefill(engine, Math.max(answers, 1));
      measures.pictures(engine, Math.max(pictures, 1));
    }
    if (images > 0) {
      measures.indexing(places.bundle(), images, spec.commandLine().getErr());
    }
    measures.memory();
    print(measures.rows(), Measures.machine(), out);
    return 0;
  }

  private void print(List<Measures.Row> rows, Map<String, String> machine, PrintWriter out) {
    if (json) {
      out.println(PrettyJson.of(Map.of("machine", machine, "measures", rows)));
      return;
    }
    machine.forEach((name, value) -> out.println(name + ": " + value));
    out.println();
    for (Measures.Row row : rows) {
      out.printf(
          Locale.ROOT, "%-34s %10.2f %-10s %s%n", row.name(), row.value(), row.unit(), row.note());
    }
  }
}
