package gill.web.cli;

import gill.engine.retrieval.VectorFormat;
import gill.engine.runtime.Bundle;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingListener;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import gill.indexer.read.SourceOptions;
import gill.indexer.write.Journal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gill index`: makes an index of a corpus.
@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    header = "Makes an index of a corpus of images.",
    description = {
      "",
      "SOURCE is one of",
      "  a folder of images    with its sub-folders; the caption of cat.jpg is in",
      "                        cat.txt or cat.json beside it, else the title in the",
      "                        file (IPTC, XMP, EXIF), else the words of its name",
      "  a manifest            .jsonl, .jsonl.gz, .csv, .tsv or .parquet, a picture a",
      "                        row: {\"file\": \"cat.jpg\", \"caption\": \"a cat\"}; all keys",
      "                        are in index-data/schema",
      "  a list of addresses   the same with 'url' instead of 'file', or a .txt with",
      "                        an address a line; fetched politely, into DIR-pictures",
      "  archives              a WebDataset .tar, or a folder of them",
      "  img2dataset's output  its folders, archives or Parquet files",
      "  vectors               a folder as clip-retrieval or 'gill corpus export'",
      "                        writes it",
      "",
      "Pictures may be JPEG, PNG, WebP, GIF, BMP, TIFF or SVG.",
      "",
      "A picture that cannot be indexed does not stop the job: it is listed with its"
          + " reason in DIR/indexing-failures.jsonl. An existing index is replaced only when"
          + " the new one is whole. A run that was broken off (killed, power lost) goes on"
          + " where it was when the same command is given again."
          + " DIR/indexing-report.html shows what was done, with pictures.",
      "",
      "Exit code: 0 if the index was made, even if pictures failed; 1 if not, 2 for wrong"
          + " options: then a former index is what it was.",
      "",
      "Examples:",
      "  ./gill index photos --out my-index --dry-run       what would fail?",
      "  ./gill index photos --out my-index                 make it",
      "  ./gill index photos --out my-index --retry-failed  after mending files",
      "  ./gill index photos --out my-index --update        after adding files",
      "  ./gill search \"a red bird\" --index my-index        look into it",
      "  ./gill serve --index my-index                      page and HTTP API",
      "  ./gill index photos --out my-index --master spark://HOST:7077",
      ""
    })
final class IndexCommand implements Callable<Integer> {
  /// What a job on Spark takes.
  private static final Set<String> ON_SPARK =
      Set.of(
          "--out",
          "--bundle",
          "--restart",
          "--vector-format",
          "--json",
          "--master",
          "--spark-conf",
          "--parts",
          "--part-rows",
          "--shards");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description = "What to index, see above (default: " + Places.DEFAULT_CORPUS + ").")
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

  @Mixin private SourceFlags sources = new SourceFlags();
  @Mixin private JobFlags job = new JobFlags();
  @Mixin private SparkSubmit spark = new SparkSubmit();

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Path corpus = or(source, Places.corpus());
    Path index = or(out, Places.root().resolve(Places.DEFAULT_INDEX));
    Path models = or(bundle, Places.root().resolve(Places.DEFAULT_BUNDLE));
    if (spark.isAsked()) {
      return onSpark(corpus, index, models);
    }
    if (restart && !mode.dryRun) {
      Journal.delete(index);
    }
    VectorFormat format = format();
    job.check();
    PrintWriter err = spec.commandLine().getErr();
    IndexingReport report =
        mode.dryRun
            ? dryRun(corpus, index, err)
            : job.with(
                extras -> run(plan(corpus, index, false).withExtras(extras), models, format, err));
    var stdout = spec.commandLine().getOut();
    if (json) {
      stdout.println(ReportFiles.toJson(report));
    } else {
      (mode.dryRun ? IndexSummary.ofRehearsal(report) : IndexSummary.of(report))
          .lines()
          .forEach(stdout::println);
    }
    return 0;
  }

  private int onSpark(Path corpus, Path index, Path models) {
    if (mode.dryRun || mode.value() != IndexingPlan.Mode.REPLACE) {
      throw new CommandException(
          "a job on Spark makes an index anew: leave out --update, --retry-failed and --dry-run, or"
              + " --master");
    }
    List<String> ignored =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName)
            .filter(name -> !ON_SPARK.contains(name))
            .toList();
    if (!ignored.isEmpty()) {
      throw new CommandException("not yet for a job on Spark: leave out " + ignored);
    }
    List<String> further = new ArrayList<>(List.of("--vector-format", format().id()));
    if (restart) {
      further.add("--restart");
    }
    if (json) {
      further.add("--json");
    }
    return spark.run(corpus, index, models, further);
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
    return run(
        IndexingPlan.of(CorpusSource.open(corpus, pictures(index)), index),
        models,
        VectorFormat.AUTO,
        err);
  }

  private static IndexingReport run(
      IndexingPlan plan, Path models, VectorFormat format, PrintWriter err) {
    try (Bundle opened = Bundle.open(models)) {
      IndexingJob job = new IndexingJob(BundleEmbedder.of(opened));
      return withProgress(err, progress -> job.run(plan.withVectors(format), progress));
    }
  }

  private IndexingReport dryRun(Path corpus, Path index, PrintWriter err) {
    return withProgress(err, progress -> IndexingJob.dryRun(plan(corpus, index, true), progress));
  }

  private IndexingPlan plan(Path corpus, Path index, boolean rehearsal) {
    return IndexingPlan.of(
            CorpusSource.open(corpus, sources.options(pictures(index), rehearsal)), index)
        .withMode(mode.value());
  }

  /// The plan of a job over HTTP.
  static IndexingPlan plan(Path corpus, Path index, boolean rehearsal, IndexingPlan.Mode mode) {
    SourceOptions options = SourceOptions.of(pictures(index));
    return IndexingPlan.of(CorpusSource.open(corpus, options.withRehearsal(rehearsal)), index)
        .withMode(mode);
  }

  /// Where archives are unpacked: beside the index.
  static Path pictures(Path index) {
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
}
