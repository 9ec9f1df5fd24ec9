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
    double rate;
    try (Bundle opened = Bundle.open(bundle)) {
      BundleEmbedder embedder = BundleEmbedder.of(opened);
      rate = way.equals("encoder") ? encoder(embedder) : job(embedder);
    }
    spec.commandLine()
        .getOut()
        .println(
            JsonMapper.shared()
                .writeValueAsString(
                    Map.of("images_per_second", rate, "peak_rss_mb", Measures.peakMegabytes())));
    return 0;
  }

  /// The encoder fed with pictures that are in memory, prepared: what no job can exceed.
  private double encoder(BundleEmbedder embedder) throws IOException {
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
    int done = 0;
    while (done < images) {
      done += embedder.embed(batch(held, done)).size();
    }
    return done / ((System.nanoTime() - start) / 1e9);
  }

  private static List<Pixels> batch(List<Pixels> held, int from) {
    List<Pixels> batch = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      batch.add(held.get((from + i) % held.size()));
    }
    return batch;
  }

  private double job(BundleEmbedder embedder) {
    Journal.delete(index);
    return new IndexingJob(embedder)
        .run(IndexingPlan.of(CorpusSource.open(corpus), index), IndexingListener.NONE)
        .imagesPerSecond();
  }
}
