package gill.web.cli;

import gill.engine.runtime.BundleFetcher;
import gill.engine.runtime.FetchListener;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Brings together what the program needs to run: models and an index. Each step is skipped when
/// its result is there.
final class Setup {
  private final PrintWriter err;

  Setup(PrintWriter err) {
    this.err = err;
  }

  /// Fetches the models that are missing; false if none was. Packages among `local` are not
  /// downloaded.
  boolean fetchModels(Path bundle, List<Path> local) {
    if (ModelsCommand.Listing.of(bundle).complete()) {
      return false;
    }
    err.println("Fetching the models that are not shipped ...");
    BundleFetcher.of(bundle).fetch(local, new StepLines());
    return true;
  }

  /// One line for each step of each part.
  private final class StepLines implements FetchListener {
    private String last = "";

    @Override
    public void progress(String part, Step step, long bytes, long total) {
      String line = "  " + part + ": " + step.name().toLowerCase(Locale.ROOT);
      if (!line.equals(last)) {
        err.println(line);
        last = line;
      }
    }
  }

  /// Indexes the default corpus if there is no index; false if there is one.
  boolean index(Path bundle, Path index) {
    if (Files.isDirectory(index)) {
      return false;
    }
    indexAgain(bundle, index);
    return true;
  }

  void indexAgain(Path bundle, Path index) {
    err.println("Indexing the corpus " + Places.corpus() + " ...");
    err.println(IndexSummary.of(IndexCommand.run(Places.corpus(), index, bundle, err)));
  }
}
