package gill.web.cli;

import gill.engine.retrieval.VectorIndex;
import gill.web.bench.Comparison;
import gill.web.bench.DataSet;
import gill.web.bench.OwnPeer;
import gill.web.bench.Peer;
import gill.web.bench.PeerResult;
import gill.web.bench.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/// `gill bench search`: the vector formats, and other libraries, side by side.
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    subcommands = SearchBenchCommand.One.class,
    header = "Compares the vector formats with each other and, with --peers, with other libraries.",
    description = {
      "",
      "Recall of the 10 exact nearest, answers a second, latencies, filters, build time, bytes on"
          + " disk and in memory. The vectors are those of the index and augmentations of them up"
          + " to 100,000, clustered synthetic ones beyond. Other libraries are fetched into the"
          + " output folder when they are first needed (python3 with venv, a C++ compiler, Maven)."
    },
    footer = {
      "",
      "A run that was broken off goes on where it was: each peer's result lies in DIR/results under"
          + " a name made of its settings and the vectors. Delete a file there to measure again."
    })
final class SearchBenchCommand implements Callable<Integer> {
  private static final String DEFAULT_OUT = "target/bench-search";
  private static final String ALL = "all";
  private static final long SEED = 20261123;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,7})([km]?)");

  @Spec private CommandSpec spec;
  @Mixin private Places places;

  @Option(
      names = "--peers",
      arity = "0..1",
      fallbackValue = ALL,
      split = ",",
      paramLabel = "NAMES",
      description =
          "Peers with commas between: lucene-f32, lucene-int7, lucene-int4, lucene-bit1, hnswlib,"
              + " faiss-hnsw, faiss-ivfpq, usearch, jvector; without names all of them (default:"
              + " the four of Lucene).")
  private List<String> peers = List.of();

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "100k",
      description = "Vectors: a number, or one with k or m, such as 100k or 1m (default: 100k).")
  private String size = "100k";

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Queries, 20 to 100000 (default: 1000).")
  private int queries;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description =
          "A peer so slow that a measurement would take longer gets fewer queries (default: 5).")
  private double seconds;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Vectors, indexes, results and plot (default: " + DEFAULT_OUT + ").")
  private Path out = Path.of("");

  @Option(
      names = "--build-only",
      description =
          "Build the indexes and search nothing yet: the next call without this finds them and"
              + " measures all searches one after another.")
  private boolean buildOnly;

  @Option(names = "--json", description = "Print the results as JSON instead of Markdown.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    int rows = rows(size);
    if (queries < 20 || queries > 100_000) {
      throw new CommandException("--queries must be in 20 to 100000, got " + queries);
    }
    List<Peer> chosen = chosen();
    Path folder =
        (out.toString().isEmpty() ? Places.root().resolve(DEFAULT_OUT) : out)
            .toAbsolutePath()
            .normalize();
    PrintWriter err = spec.commandLine().getErr();
    err.println("vectors: " + rows + " of seed " + SEED + " and " + places.index());
    DataSet data =
        DataSet.make(
            folder.resolve("data-" + rows),
            rows,
            queries,
            VectorIndex.ofImages(places.index()),
            SEED);
    Comparison comparison =
        new Comparison(
            Places.root().resolve("web/src/bench"),
            folder,
            new Comparison.Child(Gill.class.getName(), List.of("bench", "search", "one")),
            seconds,
            line -> {
              err.println(line);
              err.flush();
            });
    if (buildOnly) {
      for (Peer peer : chosen) {
        comparison.build(peer, data);
      }
      return 0;
    }
    List<PeerResult> results = new ArrayList<>();
    for (Peer peer : chosen) {
      results.add(comparison.run(peer, data));
    }
    Path plot = folder.resolve("recall-rate-" + rows + ".svg");
    comparison.plot(results, plot);
    Files.writeString(folder.resolve("report-" + rows + ".md"), Report.markdown(results));
    print(results);
    err.println("plot: " + plot);
    return 0;
  }

  private void print(List<PeerResult> results) {
    Map<String, String> machine = Measures.machine();
    PrintWriter stdout = spec.commandLine().getOut();
    if (json) {
      stdout.println(PrettyJson.of(Map.of("machine", machine, "results", results)));
      return;
    }
    machine.forEach((name, value) -> stdout.println(name + ": " + value));
    stdout.println();
    stdout.print(Report.markdown(results));
    stdout.flush();
  }

  private List<Peer> chosen() {
    if (peers.equals(List.of(ALL))) {
      return List.of(Peer.values());
    }
    try {
      return peers.isEmpty()
          ? Stream.of(Peer.values()).filter(Peer::isOwn).toList()
          : peers.stream().map(Peer::of).distinct().toList();
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  /// Of `100k`, `1m` or a plain number.
  static int rows(String size) {
    Matcher matcher = SIZE.matcher(size.toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      long rows =
          Long.parseLong(matcher.group(1))
              * switch (matcher.group(2)) {
                case "k" -> 1_000;
                case "m" -> 1_000_000;
                default -> 1;
              };
      if (rows >= 10_000 && rows <= 10_000_000) {
        return (int) rows;
      }
    }
    throw new CommandException("--size must be in 10k to 10m, got " + size);
  }

  /// One phase of one of this program's own peers, in a process of its own.
  @Command(name = "one", hidden = true, header = "Used by gill bench search.")
  static final class One implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(index = "0")
    private String phase = "";

    @Parameters(index = "1")
    private String peer = "";

    @Parameters(index = "2")
    private Path data = Path.of("");

    @Parameters(index = "3")
    private Path index = Path.of("");

    @Parameters(index = "4")
    private String settings = "";

    @Override
    public Integer call() {
      PrintWriter err = spec.commandLine().getErr();
      OwnPeer own = new OwnPeer(DataSet.open(data), index, JsonMapper.shared().readTree(settings));
      Map<String, Object> answer =
          phase.equals("build")
              ? own.build(Peer.of(peer), done -> err.print("\r" + done))
              : own.search(done -> err.print("\r" + done));
      err.println();
      spec.commandLine().getOut().println(JsonMapper.shared().writeValueAsString(answer));
      return 0;
    }
  }
}
