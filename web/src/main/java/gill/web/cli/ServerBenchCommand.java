package gill.web.cli;

import gill.web.load.Ask;
import gill.web.load.ServedProcess;
import gill.web.load.ServerLoad;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gill bench server`: the server, asked by several at once and by too many.
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    header = "Measures a server: times to first text and to the image, alone and under load.",
    description = {
      "",
      "Starts `gill serve` in a process of its own and asks it over HTTP: lookups, streamed replies"
          + " with a corpus image, streamed replies with a drawn one, by 1, 4 and 16 clients that"
          + " each ask again when they are answered. Then sends lookups at ten times the rate that"
          + " it can answer: those accepted must not take much longer, the rest must be refused with"
          + " 429 or 503 and Retry-After."
    })
final class ServerBenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private LoadOptions target;

  @Option(
      names = "--clients",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,4,16",
      description = "Numbers of clients at once, 1 to 256 (default: 1,4,16).")
  private List<Integer> clients = List.of();

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "48",
      description =
          "Requests of each kind and number of clients; a quarter for drawn pictures (default: 48).")
  private int requests;

  @Option(
      names = "--overload",
      paramLabel = "TIMES",
      defaultValue = "10",
      description = "How many times what it can answer; 0 = no overload (default: 10).")
  private double overload;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "How long the overload lasts (default: 10).")
  private int seconds;

  @Option(names = "--json", description = "Print the measures as JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    if (clients.isEmpty() || clients.stream().anyMatch(it -> it < 1 || it > 256)) {
      throw new CommandException("--clients must be in 1 to 256, got " + clients, 2);
    }
    if (requests < 4 || overload < 0 || overload > 100 || seconds < 1 || seconds > 600) {
      throw new CommandException(
          "--requests must be at least 4, --overload in 0 to 100, --seconds in 1 to 600", 2);
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println("starting a server ...");
    try (LoadOptions.Target server = target.open(places);
        ServerLoad load = new ServerLoad(server.base(), target.key())) {
      List<ServerLoad.Level> levels = levels(load, err);
      ServerLoad.@Nullable Overload tooMuch = null;
      if (overload > 0) {
        ServerLoad.Level most = levels.get(clients.size() - 1);
        err.println("overload ...");
        tooMuch = load.overload(most.perSecond(), overload, seconds);
      }
      print(server.process(), levels, tooMuch);
    }
    return 0;
  }

  private List<ServerLoad.Level> levels(ServerLoad load, PrintWriter err)
      throws InterruptedException {
    List<ServerLoad.Level> levels = new ArrayList<>();
    for (Ask ask : Ask.values()) {
      for (int count : clients) {
        err.println(ask.name().toLowerCase(Locale.ROOT) + ", " + count + " clients ...");
        int times = ask == Ask.GENERATE ? requests / 4 : requests;
        levels.add(load.level(ask, count, Math.max(times, 2 * count)));
      }
    }
    return levels;
  }

  private void print(
      @Nullable ServedProcess process,
      List<ServerLoad.Level> levels,
      ServerLoad.@Nullable Overload tooMuch) {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, String> machine = Measures.machine();
    if (json) {
      out.println(
          PrettyJson.of(
              new Results(
                  machine, process == null ? null : process.readySeconds(), levels, tooMuch)));
      return;
    }
    machine.forEach((name, value) -> out.println(name + ": " + value));
    if (process != null) {
      out.printf(Locale.ROOT, "process start to ready: %.2f s%n", process.readySeconds());
    }
    out.println();
    out.println("| turn | clients | answers/s | first text p50 / p95 | image p50 / p95 | failed |");
    out.println("|---|---|---|---|---|---|");
    for (ServerLoad.Level level : levels) {
      out.printf(
          Locale.ROOT,
          "| %s | %d | %.1f | %s | %s | %d |%n",
          level.ask().name().toLowerCase(Locale.ROOT),
          level.clients(),
          level.perSecond(),
          milliseconds(level.text().p50(), level.text().p95()),
          milliseconds(level.image().p50(), level.image().p95()),
          level.failed());
    }
    if (tooMuch != null) {
      print(tooMuch, levels.get(clients.size() - 1), out);
    }
    out.flush();
  }

  private static void print(ServerLoad.Overload it, ServerLoad.Level most, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%n%d lookups at %.0f/s (capacity %.1f/s): %d accepted, p50 / p95 %s; %d refused with"
            + " Retry-After, p95 %.0f ms; %d failed.%np95 of those accepted is %.2f times that of %d"
            + " clients.%n",
        it.sent(),
        it.perSecond(),
        it.capacity(),
        it.acceptedCount(),
        milliseconds(it.accepted().p50(), it.accepted().p95()),
        it.refused(),
        it.refusals().p95(),
        it.failed(),
        it.accepted().p95() / most.end().p95(),
        most.clients());
  }

  private static String milliseconds(double p50, double p95) {
    return Double.isNaN(p50) ? "" : String.format(Locale.ROOT, "%.0f / %.0f ms", p50, p95);
  }

  private record Results(
      Map<String, String> machine,
      @Nullable Double readySeconds,
      List<ServerLoad.Level> levels,
      ServerLoad.@Nullable Overload overload) {}
}
