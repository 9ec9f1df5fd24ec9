package gill.web.cli;

import gill.engine.retrieval.VectorFormat;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.Progress;
import gill.indexer.parts.PartPlan;
import gill.indexer.parts.PartsJob;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import gill.indexer.spark.JobListener;
import gill.indexer.spark.SparkIndexing;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/// The program of the job jar: what the driver runs when `spark-submit` has started it. `gill index
/// --master` starts it so.
@Command(
    name = "gill-spark",
    mixinStandardHelpOptions = true,
    header = "Makes an index of a corpus on Spark; started by spark-submit.",
    description = {
      "",
      "Source, bundle, index and parts must lie under the same path on every machine of the cluster."
          + " A job that was broken off goes on with the parts that are done when the same command"
          + " is given again."
    })
public final class SparkIndexCommand implements Callable<Integer> {
  private static final int BATCH = 16;
  private static final int AHEAD = 32;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SOURCE", description = "As of gill index.")
  private Path source;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Index folder to make or replace.")
  private Path out;

  @Option(names = "--bundle", required = true, paramLabel = "DIR", description = "Model bundle.")
  private Path bundle;

  @CommandLine.Mixin private PartOptions parts;

  @Option(
      names = "--vector-format",
      paramLabel = "F",
      description = "How the index keeps vectors: f32, int7, int4, bit1 or auto (default).")
  private String vectors = "auto";

  @Option(names = "--restart", description = "Forget the parts that a former run has done.")
  private boolean restart;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @SuppressWarnings("NullAway.Init") // picocli sets the required options.
  SparkIndexCommand() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new SparkIndexCommand())
            .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
            .setExecutionExceptionHandler(SparkIndexCommand::explain)
            .execute(args));
  }

  private static int explain(Exception fault, CommandLine command, ParseResult parsed) {
    LoggerFactory.getLogger(SparkIndexCommand.class).debug("job", fault);
    String message = fault.getMessage() == null ? fault.toString() : fault.getMessage();
    command.getErr().println("gill: " + message);
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public Integer call() {
    PartPlan plan = plan();
    if (restart) {
      PartsJob.forget(plan);
    }
    PrintWriter err = spec.commandLine().getErr();
    Phases phases = new Phases(err);
    SparkIndexing.Result result;
    try {
      result = SparkIndexing.run(plan, VectorFormat.of(vectors), phases);
    } finally {
      phases.end();
    }
    PrintWriter stdout = spec.commandLine().getOut();
    IndexingReport report = result.report();
    if (json) {
      stdout.println(ReportFiles.toJson(report));
    } else {
      IndexSummary.of(report).lines().forEach(stdout::println);
    }
    err.println(
        String.format(
            Locale.ROOT,
            "%d parts in %s (%d taken over), %d tasks made again, %d executors lost",
            result.parts(),
            plan.parts(),
            result.takenOver(),
            result.failedTasks(),
            result.lostExecutors()));
    return 0;
  }

  private PartPlan plan() {
    Path index = out.toAbsolutePath().normalize();
    Path corpus = source.toAbsolutePath().normalize();
    Path pictures = IndexCommand.pictures(index);
    int rows = parts.rows();
    if (rows == 0) {
      rows = PartPlan.partRows(CorpusSource.open(corpus, pictures).count(), BATCH);
    }
    return new PartPlan(
        parts.folder(index).toString(),
        corpus.toString(),
        pictures.toString(),
        bundle.toAbsolutePath().normalize().toString(),
        index.toString(),
        BATCH,
        AHEAD,
        rows,
        parts.shards());
  }

  /// A progress line for each phase.
  private static final class Phases implements JobListener {
    private final PrintWriter out;
    private ProgressLine line;

    Phases(PrintWriter out) {
      this.out = out;
      this.line = ProgressLine.on(out);
    }

    @Override
    public synchronized void progress(Progress progress) {
      line.progress(progress);
    }

    @Override
    public synchronized void phase(String what) {
      line.end();
      out.println(what);
      line = ProgressLine.on(out);
    }

    synchronized void end() {
      line.end();
    }
  }
}
