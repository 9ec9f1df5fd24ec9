package gill.indexer.parts;

import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.IndexedImage;
import gill.engine.retrieval.TakedownList;
import gill.indexer.decode.ImageDecoder;
import gill.indexer.decode.JobRules;
import gill.indexer.decode.RowStamp;
import gill.indexer.decode.Takedown;
import gill.indexer.embed.BatchEmbedding;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.PictureNotes;
import gill.indexer.read.CorpusSource;
import gill.indexer.write.EmbeddingReader;
import gill.indexer.write.PartFile;
import gill.indexer.write.RowFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Gatherers;

/// Deals with the rows of one part: the same reading, decoding and embedding as on one machine.
///
/// A part that a job which was broken off has done is left as it is, if its rows, their files and
/// the takedown list are what they were. Safe for use by many threads if the embedder is.
public final class PartWork {
  /// Told how many rows were dealt with, and how many of them failed.
  @FunctionalInterface
  public interface Progress {
    void advanced(long rows, long failures);
  }

  private final PartPlan plan;
  private final PartsFolder folder;
  private final CorpusSource source;
  private final ImageEmbedder embedder;
  private final TakedownList forbidden;

  public PartWork(PartPlan plan, ImageEmbedder embedder) {
    this.plan = plan;
    this.folder = plan.folder();
    this.source = plan.open();
    this.embedder = embedder;
    this.forbidden = TakedownList.read(Path.of(plan.index()));
  }

  public PartOutcome run(int part, Progress progress) {
    try {
      List<CorpusRow> rows = RowFile.read(folder.rows(part));
      Optional<PartFile> done = folder.done(part);
      if (done.isPresent() && done.get().stamp() == stamp(rows)) {
        progress.advanced(rows.size(), done.get().failures().size());
        return new PartOutcome(part, rows.size(), done.get().images(), true, 0, 0, 0);
      }
      return run(part, rows, progress);
    } catch (IOException e) {
      throw folder.failed(e);
    }
  }

  private PartOutcome run(int part, List<CorpusRow> rows, Progress progress) throws IOException {
    Path written = folder.begin(part);
    boolean whole = false;
    try {
      ImageDecoder decoder = decoder();
      PartWriter writer = new PartWriter(written, header(), (long) part * plan.partRows());
      PartTally tally =
          new PartTally(new BatchEmbedding(embedder), writer, stampOf(forbidden), progress);
      try (writer) {
        rows.stream()
            .gather(Gatherers.mapConcurrent(plan.ahead(), decoder::decode))
            .gather(Gatherers.windowFixed(plan.batch()))
            .forEach(tally::take);
      }
      if (plan.shards() && tally.images() > 0) {
        shard(written);
      }
      folder.commit(part, written, tally.file());
      whole = true;
      return tally.outcome(part, decoder.seconds());
    } finally {
      if (!whole) {
        PartsFolder.delete(written);
      }
    }
  }

  private ImageDecoder decoder() {
    return new ImageDecoder(
        source.root(),
        source.pictures(),
        plan.limits(),
        embedder::prepare,
        new JobRules(
            _ -> Optional.empty(), image -> Takedown.refusal(forbidden, image), PictureNotes.NONE));
  }

  private IndexHeader header() {
    return new IndexHeader(
        embedder.bundle(), embedder.clipDimension(), embedder.gillDimension(), source.root());
  }

  private void shard(Path written) {
    try (ImageIndexWriter shard = ImageIndexWriter.replace(PartsFolder.shard(written), header())) {
      EmbeddingReader.forEach(
          PartsFolder.parquet(written), (IndexedImage image, long _) -> shard.add(image));
      shard.commit();
    }
  }

  private long stamp(List<CorpusRow> rows) {
    long stamp = stampOf(forbidden);
    for (CorpusRow row : rows) {
      stamp = PartTally.mixed(stamp, RowStamp.of(row, source.root()));
    }
    return stamp;
  }

  private static long stampOf(TakedownList forbidden) {
    long stamp = 1;
    for (var selector : forbidden.selectors()) {
      stamp = PartTally.mixed(stamp, selector.toString().hashCode());
    }
    return stamp;
  }
}
