package gill.web.cli;

import gill.engine.flow.Pixels;
import gill.engine.runtime.Bundle;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingListener;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.write.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/// One measurement of `gill bench index`, in a process of its own.
@Command(name = "part", hidden = true, header = "Used by gill bench index.")
final class IndexBenchPart implements Callable<Integer> {
  private static final int BATCH = 16;
  private static final int HELD = 64;

  @Spec private CommandSpec spec;

  @Parameters(index = "0")
  private String way = "";

  @Parameters(index = "1")
  private Path corpus = Path.of("");

  @Parameters(index = "2")
  private Path bundle = Path.of("");

  @Parameters(index = "3")
  private Path index = Path.of("");

  @Override
  public Integer call() throws IOException {
    Measured measured;
    try (Bundle opened = Bundle.open(bundle)) {
      BundleEmbedder embedder = BundleEmbedder.of(opened);
      measured = way.equals("encoder") ? encoder(embedder) : job(embedder);
    }
    spec.commandLine()
        .getOut()
        .println(
            JsonMapper.shared()
                .writeValueAsString(
                    Map.of(
                        "images_per_second",
                        measured.imagesPerSecond(),
                        "cpu_ms_per_image",
                        measured.cpuMilliseconds(),
                        "peak_rss_mb",
                        Measures.peakMegabytes())));
    return 0;
  }

  /// @param cpuMilliseconds of all threads, an image: unlike the rate, hardly longer on a busy
  ///   machine
  private record Measured(double imagesPerSecond, double cpuMilliseconds) {}

  /// The encoder fed with pictures that are in memory, prepared: what no job can exceed.
  private Measured encoder(BundleEmbedder embedder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(corpus)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    List<Pixels> held = new ArrayList<>();
    for (Path file : files.subList(0, Math.min(HELD, files.size()))) {
      if (ImageReader.read(file, ImageLimits.DEFAULT)
          instanceof ReadResult.Decoded(Pixels pixels, _)) {
        held.add(embedder.prepare(pixels));
      }
    }
    int images = Math.max(files.size(), 320);
    embedder.embed(batch(held, 0));
    long start = System.nanoTime();
    long cpu = Measures.cpuNanoseconds();
    int done = 0;
    while (done < images) {
      done += embedder.embed(batch(held, done)).size();
    }
    return new Measured(
        done / ((System.nanoTime() - start) / 1e9), (Measures.cpuNanoseconds() - cpu) / 1e6 / done);
  }

  private static List<Pixels> batch(List<Pixels> held, int from) {
    List<Pixels> batch = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      batch.add(held.get((from + i) % held.size()));
    }
    return batch;
  }

  private Measured job(BundleEmbedder embedder) {
    Journal.delete(index);
    long cpu = Measures.cpuNanoseconds();
    IndexingReport report =
        new IndexingJob(embedder)
            .run(IndexingPlan.of(CorpusSource.open(corpus), index), IndexingListener.NONE);
    return new Measured(
        report.imagesPerSecond(), (Measures.cpuNanoseconds() - cpu) / 1e6 / report.total());
  }
}
