package gill.web.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Which index, and how the answer is printed.
final class CorpusAnswer {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description = "Image index (default: " + Places.DEFAULT_INDEX + ").")
  private Path index = Path.of("");

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  Path index() {
    return Places.index(index);
  }

  void print(Map<String, ?> result, String sentence) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? PrettyJson.of(result) : sentence);
  }
}
