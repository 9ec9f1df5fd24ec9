package gill.web.cli;

import gill.engine.runtime.Bundle;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingListener;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.Progress;
import gill.indexer.read.CorpusSource;
import gill.indexer.write.Journal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gill bench index memory`: how much memory a long job holds from its beginning to its end.
@Command(
    name = "memory",
    mixinStandardHelpOptions = true,
    header = "Measures the memory of a long indexing job along its way.",
    description = {
      "",
      "A manifest lists a few 256-pixel JPEGs (made by the command) again and again, each time with"
          + " an id and a caption of its own; they are indexed in this process, whose resident memory"
          + " (VmRSS) and used heap are told 20 times."
    })
final class IndexMemoryCommand implements Callable<Integer> {
  private static final int MARKS = 20;

  @Spec private CommandSpec spec;
  @Mixin private Places places;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Images to index (default: 100000).")
  private int rows;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Different pictures among them (default: 1000).")
  private int pictures;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Pictures, manifest and index (default: target/bench-index).")
  private Path out = Path.of("");

  @Option(names = "--json", description = "Print the results as JSON instead of Markdown.")
  private boolean json;

  /// @param rows dealt with so far
  /// @param heapMb used, garbage included
  private record Mark(long rows, double seconds, double residentMb, double heapMb) {}

  @Override
  public Integer call() throws IOException {
    if (rows < MARKS || pictures < 1 || pictures > rows) {
      throw new CommandException("measure at least " + MARKS + " rows, of as many pictures", 2);
    }
    Path folder =
        (out.toString().isEmpty() ? Places.root().resolve("target/bench-index") : out)
            .toAbsolutePath()
            .normalize();
    spec.commandLine().getErr().println("making pictures in " + folder);
    Path manifest =
        manifest(BenchPictures.make(folder.resolve("memory-" + pictures), pictures, 256, 256));
    Path index = folder.resolve("index-memory");
    Journal.delete(index);
    Marks marks = new Marks(spec.commandLine().getErr());
    IndexingReport report;
    try (Bundle opened = Bundle.open(places.bundle())) {
      report =
          new IndexingJob(BundleEmbedder.of(opened))
              .run(IndexingPlan.of(CorpusSource.open(manifest), index), marks);
    }
    marks.add(rows);
    print(report, marks.all);
    return 0;
  }

  private Path manifest(Path folder) throws IOException {
    List<String> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files =
          all.filter(file -> file.toString().endsWith(".jpg"))
              .map(file -> folder.relativize(file).toString())
              .sorted()
              .toList();
    }
    Path manifest = folder.resolve("manifest.jsonl");
    try (Writer writer = Files.newBufferedWriter(manifest)) {
      for (int i = 0; i < rows; i++) {
        writer.write(
            String.format(
                Locale.ROOT,
                "{\"id\": \"i%d\", \"file\": \"%s\", \"caption\": \"picture number %d\"}%n",
                i,
                files.get(i % files.size()),
                i));
      }
    }
    return manifest;
  }

  private void print(IndexingReport report, List<Mark> marks) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (json) {
      stdout.println(
          PrettyJson.of(
              Map.of(
                  "machine",
                  Measures.machine(),
                  "images_per_second",
                  report.imagesPerSecond(),
                  "peak_rss_mb",
                  Measures.peakMegabytes(),
                  "marks",
                  marks)));
      return;
    }
    stdout.println("| rows | seconds | resident | heap used |");
    stdout.println("|---|---|---|---|");
    for (Mark mark : marks) {
      stdout.println(line(mark));
    }
    stdout.printf(
        Locale.ROOT,
        "%n%d images, %.1f a second, peak %.0f MB%n",
        report.images(),
        report.imagesPerSecond(),
        Measures.peakMegabytes());
  }

  private static String line(Mark mark) {
    return String.format(
        Locale.ROOT,
        "| %d | %.0f | %.0f MB | %.0f MB |",
        mark.rows(),
        mark.seconds(),
        mark.residentMb(),
        mark.heapMb());
  }

  /// Reads the memory at every twentieth of the rows.
  private final class Marks implements IndexingListener {
    private final List<Mark> all = new ArrayList<>();
    private final PrintWriter err;
    private final long start = System.nanoTime();

    Marks(PrintWriter err) {
      this.err = err;
    }

    @Override
    public void progress(Progress progress) {
      if (progress.done() * MARKS / rows > all.size()) {
        add(progress.done());
        err.println(line(all.getLast()));
      }
    }

    void add(long done) {
      Runtime runtime = Runtime.getRuntime();
      all.add(
          new Mark(
              done,
              (System.nanoTime() - start) / 1e9,
              Measures.residentMegabytes(),
              (runtime.totalMemory() - runtime.freeMemory()) / 1e6));
    }
  }
}
