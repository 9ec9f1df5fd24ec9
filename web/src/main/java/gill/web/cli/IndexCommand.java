package gill.web.cli;

import gill.engine.retrieval.VectorFormat;
import gill.engine.runtime.Bundle;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingListener;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import gill.indexer.write.Journal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gill index`: makes an index of a corpus.
@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    header = "Makes an index of a folder of images or of a manifest.",
    description = {
      "",
      "A folder is read with its sub-folders; a picture's caption is the text file of the same name"
          + " beside it (cat.jpg, cat.txt), else the words of its name. A manifest has one JSON object"
          + " a line (index-data/schema).",
      "",
      "A picture that cannot be indexed does not stop the job: it is listed with its reason in"
          + " DIR/indexing-failures.jsonl. An existing index is replaced only when the new one is"
          + " whole. A run that was broken off (killed, power lost) goes on where it was when the same"
          + " command is given again."
    })
final class IndexCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description =
          "Folder of images or of WebDataset archives, manifest (.jsonl, .jsonl.gz, .csv, .tsv,"
              + " .parquet), or one .tar archive (default: "
              + Places.DEFAULT_CORPUS
              + ").")
  private Path source = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Index folder to make or replace (default: " + Places.DEFAULT_INDEX + ").")
  private Path out = Path.of("");

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description = "Model bundle (default: " + Places.DEFAULT_BUNDLE + ").")
  private Path bundle = Path.of("");

  @ArgGroup private Mode mode = new Mode();

  /// At most one of these.
  private static final class Mode {
    @Option(
        names = "--update",
        description =
            "Bring the index to what the source is now: by content hash, add, replace and remove"
                + " images; the others are not embedded again.")
    private boolean update;

    @Option(
        names = "--retry-failed",
        description = "Try again only what the last run's failure report names.")
    private boolean retryFailed;

    @Option(
        names = "--dry-run",
        description = "Read and check every image, write nothing, tell what would fail.")
    private boolean dryRun;

    IndexingPlan.Mode value() {
      return update
          ? IndexingPlan.Mode.UPDATE
          : retryFailed ? IndexingPlan.Mode.RETRY_FAILED : IndexingPlan.Mode.REPLACE;
    }
  }

  @Option(
      names = "--restart",
      description = "Forget a run that was broken off, instead of going on where it was.")
  private boolean restart;

  @Option(
      names = "--vector-format",
      paramLabel = "F",
      defaultValue = "auto",
      description =
          "How vectors are kept for the search of their graph: f32, int7, int4, bit1, or auto, by"
              + " the number of images (default: auto). An update keeps the index's.")
  private String vectors = "auto";

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Path corpus = or(source, Places.corpus());
    Path index = or(out, Places.root().resolve(Places.DEFAULT_INDEX));
    Path models = or(bundle, Places.root().resolve(Places.DEFAULT_BUNDLE));
    if (restart && !mode.dryRun) {
      Journal.delete(index);
    }
    VectorFormat format = format();
    PrintWriter err = spec.commandLine().getErr();
    IndexingReport report =
        mode.dryRun
            ? dryRun(corpus, index, err)
            : run(corpus, index, models, mode.value(), format, err);
    var stdout = spec.commandLine().getOut();
    if (json) {
      stdout.println(ReportFiles.toJson(report));
    } else {
      (mode.dryRun ? rehearsal(report) : summary(report)).lines().forEach(stdout::println);
    }
    return 0;
  }

  private VectorFormat format() {
    try {
      return VectorFormat.of(vectors);
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  /// Indexes with a progress line on `err`.
  static IndexingReport run(Path corpus, Path index, Path models, PrintWriter err) {
    return run(corpus, index, models, IndexingPlan.Mode.REPLACE, VectorFormat.AUTO, err);
  }

  private static IndexingReport run(
      Path corpus,
      Path index,
      Path models,
      IndexingPlan.Mode mode,
      VectorFormat format,
      PrintWriter err) {
    try (Bundle opened = Bundle.open(models)) {
      IndexingJob job = new IndexingJob(BundleEmbedder.of(opened));
      return withProgress(
          err,
          progress -> job.run(plan(corpus, index).withMode(mode).withVectors(format), progress));
    }
  }

  private static IndexingReport dryRun(Path corpus, Path index, PrintWriter err) {
    return withProgress(err, progress -> IndexingJob.dryRun(plan(corpus, index), progress));
  }

  private static IndexingPlan plan(Path corpus, Path index) {
    return IndexingPlan.of(CorpusSource.open(corpus, pictures(index)), index);
  }

  /// Where archives are unpacked: beside the index.
  private static Path pictures(Path index) {
    return index.resolveSibling(index.getFileName() + "-pictures");
  }

  private static IndexingReport withProgress(
      PrintWriter err, Function<IndexingListener, IndexingReport> job) {
    ProgressLine progress = ProgressLine.on(err);
    try {
      return job.apply(progress);
    } catch (CorpusException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    } finally {
      progress.end();
    }
  }

  private static Path or(Path given, Path otherwise) {
    return given.toString().isEmpty() ? otherwise : given;
  }

  private static String rehearsal(IndexingReport report) {
    return String.format(
        Locale.ROOT,
        "%d of %d images can be indexed%s. Nothing was written.",
        report.images(),
        report.total(),
        report.failed() > 0 ? "; " + failures(report) : "");
  }

  private static String failures(IndexingReport report) {
    return report.failed()
        + " not indexed ("
        + report.failuresByReason().entrySet().stream()
            .map(reason -> reason.getValue() + " " + reason.getKey())
            .collect(Collectors.joining(", "))
        + ")";
  }

  static String summary(IndexingReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d images indexed in %.1f s (%.1f images/s): %s",
            report.images(),
            report.seconds(),
            report.imagesPerSecond(),
            report.index()));
    if (report.duplicates() > 0) {
      text.append('\n')
          .append(report.duplicates())
          .append(" replaced by a later image of the same id");
    }
    Changes changes = report.changes();
    if (changes.changed() + changes.unchanged() + changes.removed() > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n%d added, %d changed, %d unchanged, %d removed",
              changes.added(),
              changes.changed(),
              changes.unchanged(),
              changes.removed()));
    }
    if (report.resumed() > 0) {
      text.append('\n').append(report.resumed()).append(" taken over from a run broken off");
    }
    if (report.failed() > 0) {
      text.append('\n')
          .append(failures(report))
          .append(": ")
          .append(Path.of(report.index()).resolve(ReportFiles.FAILURES));
    }
    return text.toString();
  }
}
