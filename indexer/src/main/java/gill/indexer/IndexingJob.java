package gill.indexer;

import gill.engine.fault.InferenceException;
import gill.engine.flow.ImageId;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.IndexHeader;
import gill.indexer.decode.ImageDecoder;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.DecodedImage;
import gill.indexer.flow.DecodedImage.Decoded;
import gill.indexer.flow.DecodedImage.Undecodable;
import gill.indexer.flow.Embedding;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/// Makes an index of a corpus: read, decode, embed, write, report.
///
/// The stages overlap: while the calling thread embeds and writes one batch, virtual threads decode
/// the next pictures. An image that cannot be indexed is a row of the report. The index appears, or
/// replaces the former one, only when all is done.
public final class IndexingJob {
  private final ImageEmbedder embedder;

  public IndexingJob(ImageEmbedder embedder) {
    this.embedder = embedder;
  }

  /// Runs to the end on the calling thread. Throws [CorpusException] if there is nothing to index,
  /// [gill.engine.fault.IndexException] if the index cannot be written.
  public IndexingReport run(IndexingPlan plan, IndexingListener listener) {
    CorpusSource source = plan.source();
    long total = source.count();
    if (total == 0) {
      throw new CorpusException("there are no images in " + source.path());
    }
    IndexHeader header =
        new IndexHeader(
            embedder.bundle(), embedder.clipDimension(), embedder.gillDimension(), source.root());
    try (ImageIndexWriter writer = ImageIndexWriter.replace(plan.index(), header);
        ReportFiles files = new ReportFiles(plan.index());
        Stream<CorpusRow> rows = source.rows()) {
      ImageDecoder decoder = new ImageDecoder(source.root(), plan.limits(), embedder::prepare);
      Run run = new Run(total, writer, files, listener);
      rows.gather(Gatherers.mapConcurrent(plan.ahead(), decoder::decode))
          .mapMulti(run::keepDecoded)
          .gather(Gatherers.windowFixed(plan.batch()))
          .forEach(run::index);
      IndexingReport report = run.finish(plan, decoder.seconds());
      files.write(report);
      return report;
    }
  }

  /// One run's state; used by the job's thread alone.
  private final class Run {
    private final Instant started = Instant.now();
    private final long start = System.nanoTime();
    private final long total;
    private final ImageIndexWriter writer;
    private final ReportFiles files;
    private final IndexingListener listener;
    private final Pace pace;
    private final Set<ImageId> ids = new HashSet<>();
    private final SortedMap<String, Long> failuresByReason = new TreeMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private long indexed;
    private long failed;
    private long embedNanoseconds;
    private long writeNanoseconds;

    Run(long total, ImageIndexWriter writer, ReportFiles files, IndexingListener listener) {
      this.total = total;
      this.writer = writer;
      this.files = files;
      this.listener = listener;
      this.pace = new Pace(total, System::nanoTime);
    }

    void keepDecoded(DecodedImage image, Consumer<Decoded> next) {
      switch (image) {
        case Decoded decoded -> next.accept(decoded);
        case Undecodable(Failure failure) -> fail(failure);
      }
    }

    private void fail(Failure failure) {
      failed++;
      failuresByReason.merge(failure.reason(), 1L, Long::sum);
      if (failures.size() < IndexingReport.FAILURES_KEPT) {
        failures.add(failure);
      }
      files.write(failure);
    }

    void index(List<Decoded> batch) {
      long embedding = System.nanoTime();
      List<Embedding> embeddings = embed(batch);
      long writing = System.nanoTime();
      for (int i = 0; i < embeddings.size(); i++) {
        write(batch.get(i), embeddings.get(i));
      }
      embedNanoseconds += writing - embedding;
      writeNanoseconds += System.nanoTime() - writing;
      listener.progress(pace.at(indexed + failed, failed));
    }

    /// The batch's embeddings; empty if it was indexed picture by picture instead.
    private List<Embedding> embed(List<Decoded> batch) {
      try {
        return embedder.embed(batch.stream().map(Decoded::pixels).toList());
      } catch (InferenceException | IllegalArgumentException e) {
        oneByOne(batch, e);
        return List.of();
      }
    }

    /// Finds the pictures that spoil a batch. Where every one fails, it is not the pictures.
    private void oneByOne(List<Decoded> batch, RuntimeException batchFault) {
      List<Failure> spoilt = new ArrayList<>();
      for (Decoded decoded : batch) {
        try {
          write(decoded, embedder.embed(List.of(decoded.pixels())).getFirst());
        } catch (InferenceException | IllegalArgumentException e) {
          spoilt.add(
              new Failure(
                  decoded.image().id().value(),
                  decoded.image().location(),
                  Failure.EMBEDDING_FAILED,
                  String.valueOf(e.getMessage())));
        }
      }
      if (spoilt.size() == batch.size() && batch.size() > 1) {
        throw batchFault;
      }
      spoilt.forEach(this::fail);
    }

    private void write(Decoded decoded, Embedding embedding) {
      writer.add(decoded.image(), embedding.clip(), embedding.gill());
      ids.add(decoded.image().id());
      indexed++;
    }

    IndexingReport finish(IndexingPlan plan, double decodeSeconds) {
      if (indexed == 0) {
        throw new CorpusException(
            "none of the "
                + total
                + " images of "
                + plan.source().path()
                + " could be indexed: "
                + failuresByReason
                + ", see "
                + plan.index().resolve(ReportFiles.FAILURES));
      }
      long writing = System.nanoTime();
      int images = writer.commit();
      writeNanoseconds += System.nanoTime() - writing;
      double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
      return new IndexingReport(
          plan.source().path().toString(),
          plan.index().toString(),
          embedder.bundle().name() + " " + embedder.bundle().version(),
          embedder.bundle().fingerprint(),
          total,
          images,
          indexed - ids.size(),
          failed,
          failuresByReason,
          failures,
          started,
          seconds,
          seconds > 0 ? (indexed + failed) / seconds : 0,
          Map.of(
              "decode", decodeSeconds,
              "embed", embedNanoseconds / 1e9,
              "write", writeNanoseconds / 1e9));
    }
  }
}
