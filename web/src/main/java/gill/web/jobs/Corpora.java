package gill.web.jobs;

import gill.engine.flow.Cancellation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a server's operator does with corpora: the indexes there are, indexing, taking down. Who
/// starts the server knows how (the server knows neither the indexer nor indexes). Safe for use by
/// many threads.
public interface Corpora {
  /// An index.
  ///
  /// @param live whether it is the one that is served
  /// @param format version of the index format
  /// @param updated Unix seconds of the last commit
  record Corpus(
      String name,
      String path,
      boolean live,
      long images,
      String fingerprint,
      String format,
      String vectorFormat,
      long updated) {}

  /// What becomes of an index that is there.
  enum Mode {
    NEW,
    UPDATE,
    RETRY_FAILED,
    DRY_RUN
  }

  /// @param index folder to write
  record Order(Path source, Path index, Mode mode) {}

  /// @param report the job's report, a JSON object
  record Indexed(String report, Map<String, Long> counts) {}

  /// Told after each batch.
  @FunctionalInterface
  interface Listener {
    void progress(JobProgress progress, Map<String, Long> counts);
  }

  /// What must not come back.
  ///
  /// @param kind `id`, `sha256`, `phash` or `url`
  record TakenDown(String kind, String value) {}

  /// @param removed images that were in the index
  /// @param images that are left
  record TakedownResult(int removed, int images) {}

  /// Without an operator: no index is listed, none can be made.
  Corpora NONE = new NoCorpora();

  /// The indexes beside the one that is served, which comes first.
  List<Corpus> list();

  /// The folder of an index by its name or path; the served one if null. Empty if the server may
  /// not write there.
  Optional<Path> target(@Nullable String index);

  /// The source at this absolute path; empty if indexing from there is not allowed.
  Optional<Path> source(Path source);

  /// Whether there is any folder to index from.
  boolean allowsIndexing();

  /// Indexes on the calling thread. Writes one failure a line (JSON) to `failures`. Throws
  /// [java.util.concurrent.CancellationException] when cancelled, and [IllegalArgumentException]
  /// saying what is wrong with the source or the index.
  Indexed index(Order order, Path failures, Listener listener, Cancellation cancellation);

  /// What was taken down of the served index.
  List<TakenDown> takedowns();

  /// Takes images of the served index down for good. Throws [IllegalArgumentException] saying which
  /// value cannot be read.
  TakedownResult takeDown(List<TakenDown> which);
}
