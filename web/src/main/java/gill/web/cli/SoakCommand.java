package gill.web.cli;

import gill.web.load.Soak;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gill bench soak`: a great many mixed requests.
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    header = "Sends a server a great many mixed requests and watches its memory.",
    description = {
      "",
      "Chats, lookups, searches, image files, drawn pictures, bad input and clients that leave, the"
          + " same mixture every time. With nothing under way, every twentieth of them, resident"
          + " memory and open native objects are noted. Ends with 1 if a native object was left open"
          + " or an answer was not what it should be."
    })
final class SoakCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private LoadOptions target;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Requests in all, 100 to 10000000 (default: 20000).")
  private int requests;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (requests < 100 || requests > 10_000_000) {
      throw new CommandException("--requests must be in 100 to 10000000, got " + requests, 2);
    }
    PrintWriter err = spec.commandLine().getErr();
    Soak.Result result;
    try (LoadOptions.Target server = target.open(places)) {
      result = Soak.run(server.base(), target.key(), requests, it -> progress(it, err));
    }
    print(result);
    return result.leaked() == 0 && result.unexpected().isEmpty() ? 0 : 1;
  }

  private void progress(Soak.Sample it, PrintWriter err) {
    double perSecond = it.done() / it.seconds();
    err.printf(
        Locale.ROOT,
        "%d/%d requests, %.1f/s, %.0f MiB resident, %.0f native objects, %.0f s left%n",
        it.done(),
        requests,
        perSecond,
        it.resident(),
        it.open(),
        (requests - it.done()) / perSecond);
  }

  private void print(Soak.Result result) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(PrettyJson.of(Map.of("machine", Measures.machine(), "soak", result)));
      return;
    }
    out.println("| requests | seconds | resident | beyond the Java heap | native objects |");
    out.println("|---|---|---|---|---|");
    for (Soak.Sample it : result.samples()) {
      out.printf(
          Locale.ROOT,
          "| %d | %.0f | %.0f MiB | %.0f MiB | %.0f |%n",
          it.done(),
          it.seconds(),
          it.resident(),
          it.beyondHeap(),
          it.open());
    }
    out.println();
    result.answers().forEach((kind, statuses) -> out.println(kind + ": " + statuses));
    out.printf(
        Locale.ROOT,
        "%nnative objects left open: %.0f; resident memory since half-time: %+.0f MiB;"
            + " answers that should not be: %s%n",
        result.leaked(),
        result.growth(),
        result.unexpected().isEmpty() ? "none" : result.unexpected());
    out.flush();
  }
}
