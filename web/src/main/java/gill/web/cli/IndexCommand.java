package gill.web.cli;

import gill.engine.runtime.Bundle;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
          + " whole."
    })
final class IndexCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description =
          "Folder of images, or manifest.jsonl(.gz) (default: " + Places.DEFAULT_CORPUS + ").")
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

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Path corpus = or(source, Places.corpus());
    Path index = or(out, Places.root().resolve(Places.DEFAULT_INDEX));
    Path models = or(bundle, Places.root().resolve(Places.DEFAULT_BUNDLE));
    IndexingReport report = run(corpus, index, models, spec.commandLine().getErr());
    var stdout = spec.commandLine().getOut();
    if (json) {
      stdout.println(ReportFiles.toJson(report));
    } else {
      summary(report).lines().forEach(stdout::println);
    }
    return 0;
  }

  /// Indexes with a progress line on `err`.
  static IndexingReport run(Path corpus, Path index, Path models, PrintWriter err) {
    try (Bundle opened = Bundle.open(models)) {
      ProgressLine progress = ProgressLine.on(err);
      try {
        return new IndexingJob(BundleEmbedder.of(opened))
            .run(IndexingPlan.of(CorpusSource.open(corpus), index), progress);
      } finally {
        progress.end();
      }
    } catch (CorpusException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private static Path or(Path given, Path otherwise) {
    return given.toString().isEmpty() ? otherwise : given;
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
    if (report.failed() > 0) {
      String reasons =
          report.failuresByReason().entrySet().stream()
              .map(reason -> reason.getValue() + " " + reason.getKey())
              .collect(Collectors.joining(", "));
      text.append('\n')
          .append(report.failed())
          .append(" not indexed (")
          .append(reasons)
          .append("): ")
          .append(Path.of(report.index()).resolve(ReportFiles.FAILURES));
    }
    return text.toString();
  }
}
