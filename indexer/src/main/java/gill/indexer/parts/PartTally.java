package gill.indexer.parts;

import gill.indexer.embed.BatchEmbedding;
import gill.indexer.flow.DecodedImage;
import gill.indexer.flow.Outcome;
import gill.indexer.write.PartFile;
import java.util.List;

/// Embeds and writes the batches of one part, and counts.
final class PartTally {
  private final BatchEmbedding embedding;
  private final PartWriter writer;
  private final PartWork.Progress progress;
  private long stamp;
  private long embedNanoseconds;
  private long writeNanoseconds;

  PartTally(BatchEmbedding embedding, PartWriter writer, long stamp, PartWork.Progress progress) {
    this.embedding = embedding;
    this.writer = writer;
    this.stamp = stamp;
    this.progress = progress;
  }

  /// A stamp for both, in this order.
  static long mixed(long stamp, long next) {
    return (Long.rotateLeft(stamp, 5) ^ next) * 0x9E3779B97F4A7C15L;
  }

  void take(List<DecodedImage> batch) {
    long start = System.nanoTime();
    List<Outcome> outcomes = embedding.outcomes(batch);
    long writing = System.nanoTime();
    outcomes.forEach(writer::write);
    batch.forEach(image -> stamp = mixed(stamp, image.stamp()));
    embedNanoseconds += writing - start;
    writeNanoseconds += System.nanoTime() - writing;
    progress.advanced(
        batch.size(), outcomes.stream().filter(Outcome.Failed.class::isInstance).count());
  }

  PartFile file() {
    return writer.file(stamp);
  }

  long images() {
    return file().images();
  }

  PartOutcome outcome(int part, double decodeSeconds) {
    PartFile file = file();
    return new PartOutcome(
        part,
        file.rows(),
        file.images(),
        false,
        decodeSeconds,
        embedNanoseconds / 1e9,
        writeNanoseconds / 1e9);
  }
}
