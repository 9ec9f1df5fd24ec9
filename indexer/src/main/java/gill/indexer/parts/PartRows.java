package gill.indexer.parts;

import gill.indexer.flow.CorpusRow;
import gill.indexer.write.EmbeddingReader;
import gill.indexer.write.EmbeddingReader.EmbeddedRow;
import gill.indexer.write.PartFile.FailedRow;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The rows of all parts, images and failures in the order of the source. One part is open at a
/// time.
final class PartRows implements Iterator<CorpusRow>, AutoCloseable {
  private final PartsFolder folder;
  private final int parts;
  private final Deque<FailedRow> failures = new ArrayDeque<>();
  private int next;
  private @Nullable EmbeddingReader reader;
  private @Nullable EmbeddedRow image;

  PartRows(PartsFolder folder, int parts) {
    this.folder = folder;
    this.parts = parts;
  }

  @Override
  public boolean hasNext() {
    while (image == null && failures.isEmpty() && next < parts) {
      open(next++);
    }
    return image != null || !failures.isEmpty();
  }

  private void open(int part) {
    close();
    failures.addAll(
        folder
            .done(part)
            .orElseThrow(() -> new IllegalStateException("part " + part + " is not done"))
            .failures());
    EmbeddingReader opened = EmbeddingReader.open(folder.parquet(part));
    reader = opened;
    image = opened.next();
  }

  @Override
  public CorpusRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    EmbeddedRow row = image;
    FailedRow failed = failures.peekFirst();
    if (row != null && (failed == null || row.number() < failed.row())) {
      image = reader == null ? null : reader.next();
      return PartsSource.row(row);
    }
    return new CorpusRow.Broken(failures.removeFirst().failure());
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
