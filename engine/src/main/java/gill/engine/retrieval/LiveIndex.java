package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.Relevance;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// An index that is searched while it changes.
///
/// What was added or removed is found by every search that begins after the call returned, before
/// it is committed; searches that run meanwhile see the index as it was and never wait. [#commit]
/// makes the changes last; [#close] commits too. After a crash the last commit is what is there.
/// Safe for use by many threads. Holds the folder's one writer: a second is refused with
/// [IndexException].
public final class LiveIndex implements AutoCloseable {
  private final ImageIndexWriter writer;
  private final LuceneBackend searches;

  private LiveIndex(ImageIndexWriter writer, LuceneBackend searches) {
    this.writer = writer;
    this.searches = searches;
  }

  /// Opens the folder's index, which must be by the same bundle. Throws as [LuceneBackend#open]
  /// does, and if another writer is at work.
  public static LiveIndex open(Path index, BundleStamp bundle) {
    return open(index, bundle, Relevance.UNKNOWN);
  }

  /// As [#open(Path, BundleStamp)], for a bundle that brings its own curves.
  public static LiveIndex open(Path index, BundleStamp bundle, Relevance relevance) {
    ImageIndexWriter writer = ImageIndexWriter.update(index, bundle);
    try {
      return new LiveIndex(writer, LuceneBackend.following(index, bundle, relevance, writer));
    } catch (RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  /// The searches; they end with this index and need not be closed.
  public SearchBackend searches() {
    return searches;
  }

  /// Adds images, or replaces those of the same ids, and returns how many: those that the takedown
  /// list forbids stay out. Throws as [ImageIndexWriter#add].
  public int add(Collection<IndexedImage> rows) {
    int added = 0;
    try {
      for (IndexedImage row : rows) {
        added += writer.add(row) ? 1 : 0;
      }
    } finally {
      searches.refresh();
    }
    return added;
  }

  /// Makes these the only images; no search sees some of both, unless another thread changes the
  /// index meanwhile. Returns how many they are.
  public int replaceAll(Collection<IndexedImage> rows) {
    Set<ImageId> kept =
        rows.stream().map(row -> row.image().id()).collect(Collectors.toUnmodifiableSet());
    int added = 0;
    try {
      for (IndexedImage row : rows) {
        added += writer.add(row) ? 1 : 0;
      }
      writer.removeAllBut(kept);
    } finally {
      searches.refresh();
    }
    return added;
  }

  /// Takes images out and returns how many there were.
  public int remove(Collection<ImageSelector> selectors) {
    int removed = writer.remove(List.copyOf(selectors));
    searches.refresh();
    return removed;
  }

  /// Takes images out, writes the folder's takedown list and commits, so that they stay out.
  /// Returns how many there were.
  public int takeDown(Collection<ImageSelector> selectors) {
    int removed = writer.takeDown(List.copyOf(selectors));
    searches.refresh();
    writer.save();
    return removed;
  }

  /// Makes all changes last; returns the number of images.
  public int commit() {
    return writer.save();
  }

  /// Commits and ends. Searches that run still end well.
  @Override
  public void close() {
    try (writer;
        searches) {
      if (writer.isOpen()) {
        writer.save();
      }
    }
  }
}
