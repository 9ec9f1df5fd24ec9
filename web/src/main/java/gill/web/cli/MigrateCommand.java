package gill.web.cli;

import gill.engine.retrieval.TakedownList;
import gill.engine.runtime.Bundle;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.IndexedCorpus;
import gill.indexer.read.ReportFiles;
import gill.web.Deployment;
import gill.web.Deployment.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gill corpus migrate`.
@Command(
    name = "migrate",
    mixinStandardHelpOptions = true,
    header = "Makes an index of the same images for another bundle, beside the present one.",
    description = {
      "",
      "Descriptions come from the present index, pictures from their files; what its takedown list"
          + " says holds for the new one. Servers go on meanwhile; with --deployment they are turned"
          + " to the new pair at the end (as by 'gill corpus switch'). A migration that was broken off"
          + " goes on where it was."
    })
final class MigrateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description = "The present index (default: " + Places.DEFAULT_INDEX + ").")
  private Path index = Path.of("");

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      required = true,
      description = "The bundle to embed with.")
  private Path bundle = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the new index.")
  private Path out = Path.of("");

  @Option(
      names = "--deployment",
      paramLabel = "FILE",
      description = "Turn servers that follow this file to the new pair at the end.")
  private @Nullable Path deployment;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Path from = Places.index(index);
    if (from.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
      throw new CommandException("--out must be another folder than the present index", 2);
    }
    IndexingReport report;
    ProgressLine progress = ProgressLine.on(spec.commandLine().getErr());
    try (Bundle opened = Bundle.open(bundle)) {
      keepTakedowns(from);
      report =
          new IndexingJob(BundleEmbedder.of(opened))
              .run(IndexingPlan.of(new IndexedCorpus(from), out), progress);
    } catch (CorpusException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    } finally {
      progress.end();
    }
    var stdout = spec.commandLine().getOut();
    stdout.println(json ? ReportFiles.toJson(report) : IndexSummary.of(report));
    if (deployment != null) {
      turn(deployment);
      if (!json) {
        stdout.println(deployment + " names " + out + "; servers that follow it turn to it");
      }
    }
    return 0;
  }

  private void keepTakedowns(Path from) {
    TakedownList both = TakedownList.read(out).with(TakedownList.read(from).selectors());
    if (!both.selectors().isEmpty()) {
      try {
        Files.createDirectories(out);
      } catch (IOException e) {
        throw new CommandException("cannot make the folder " + out + ": " + e.getMessage());
      }
      both.write(out);
    }
  }

  private void turn(Path file) {
    Place place = new Place(bundle, out);
    Deployment next =
        Files.exists(file)
            ? Deployment.read(file).to(place)
            : new Deployment(place, Optional.empty());
    next.write(file);
  }
}
