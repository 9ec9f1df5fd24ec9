package gill.indexer;

import gill.engine.flow.ImageId;
import gill.indexer.decode.RowStamp;
import gill.indexer.flow.CorpusRow;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// A source's rows from first to last, of which those that a broken-off job dealt with are compared
/// and passed over. Read by one thread; [#isRepeated] may be asked by many.
final class RowQueue implements Iterator<CorpusRow> {
  private final Iterator<CorpusRow> rows;
  private final Path root;
  private final Deque<CorpusRow> compared = new ArrayDeque<>();
  private final Set<ImageId> seen = new HashSet<>();
  private final Set<ImageId> repeated = ConcurrentHashMap.newKeySet();

  RowQueue(Stream<CorpusRow> rows, Path root) {
    this.rows = rows.iterator();
    this.root = root;
  }

  /// Compares the next row; it is read again by [#next] unless [#passOver] is called.
  boolean nextIs(long stamp) {
    if (!rows.hasNext()) {
      return false;
    }
    CorpusRow row = rows.next();
    compared.addLast(row);
    return RowStamp.of(row, root) == stamp;
  }

  /// Leaves out the rows compared so far.
  void passOver() {
    compared.forEach(this::note);
    compared.clear();
  }

  @Override
  public boolean hasNext() {
    return !compared.isEmpty() || rows.hasNext();
  }

  @Override
  public CorpusRow next() {
    CorpusRow row = compared.isEmpty() ? rows.next() : compared.removeFirst();
    note(row);
    return row;
  }

  private void note(CorpusRow row) {
    switch (row) {
      case CorpusRow.Described(_, var entry) -> note(entry.id());
      case CorpusRow.Embedded embedded -> note(embedded.entry().id());
      case CorpusRow.Broken _ -> {}
    }
  }

  private void note(ImageId id) {
    if (!seen.add(id)) {
      repeated.add(id);
    }
  }

  /// Whether the source has had a row of this id before the one read last.
  boolean isRepeated(ImageId id) {
    return repeated.contains(id);
  }

  Stream<CorpusRow> stream() {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }
}
