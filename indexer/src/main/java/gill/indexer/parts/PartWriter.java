package gill.indexer.parts;

import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.IndexedImage;
import gill.indexer.flow.Failure;
import gill.indexer.flow.Outcome;
import gill.indexer.write.EmbeddingWriter;
import gill.indexer.write.PartFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Writes the outcomes of a part's rows, in order.
final class PartWriter implements AutoCloseable {
  private final EmbeddingWriter parquet;
  private final List<PartFile.FailedRow> failures = new ArrayList<>();
  private final long first;
  private long rows;
  private long images;

  /// @param first the place of the part's first row in the source
  PartWriter(Path written, IndexHeader header, long first) throws IOException {
    this.parquet = EmbeddingWriter.create(PartsFolder.parquet(written), header);
    this.first = first;
  }

  void write(Outcome outcome) {
    switch (outcome) {
      case Outcome.Indexed(var image, var vectors, _, _) -> {
        try {
          parquet.write(first + rows, new IndexedImage(image, vectors.clip(), vectors.gill()));
        } catch (IOException e) {
          throw new UncheckedIOException("cannot write a part's embeddings: " + e.getMessage(), e);
        }
        images++;
      }
      case Outcome.Failed(Failure failure) ->
          failures.add(new PartFile.FailedRow(first + rows, failure));
      case Outcome.Unchanged(var id) ->
          throw new IllegalStateException("a part knows no former index, but " + id + " is in it");
    }
    rows++;
  }

  PartFile file(long stamp) {
    return new PartFile(stamp, rows, images, failures);
  }

  @Override
  public void close() throws IOException {
    parquet.close();
  }
}
