package gill.web.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import tools.jackson.databind.json.JsonMapper;

/// Feedback on disk, numbered in the order it came. An entry is on the disk when [#add] returns. A
/// file is open in one process at a time. Safe for use by many threads.
final class FeedbackStore implements AutoCloseable {
  static final int MOST = 1_000_000;

  private final MVStore store;
  private final MVMap<Long, String> entries;
  private final JsonMapper json;

  private FeedbackStore(MVStore store, JsonMapper json) {
    this.store = store;
    this.entries = store.openMap("feedback");
    this.json = json;
  }

  /// An entry as it is listed.
  ///
  /// @param created Unix seconds
  record Entry(long id, long created, Feedback feedback) {}

  /// Opens or makes the file `gill.mv` of a folder; without a folder, feedback lives as long as the
  /// process. Throws [UncheckedIOException] if the folder cannot be made, and
  /// `org.h2.mvstore.MVStoreException` if the file is broken or another process has it open.
  static FeedbackStore open(Optional<Path> folder, JsonMapper json) {
    MVStore.Builder builder = new MVStore.Builder();
    folder.ifPresent(it -> {
      try {
        builder.fileName(Files.createDirectories(it).resolve("gill.mv").toString());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make the folder " + it, e);
      }
    });
    return new FeedbackStore(builder.autoCommitDisabled().open(), json);
  }

  /// Keeps an entry. Refuses when the store is full.
  synchronized Entry add(Feedback feedback, long created) {
    if (entries.sizeAsLong() >= MOST) {
      throw new Problem(
          503, "store_full", "The server keeps " + MOST + " entries of feedback and has them all.");
    }
    Long last = entries.lastKey();
    Entry entry = new Entry(last == null ? 1 : last + 1, created, feedback);
    entries.put(entry.id(), json.writeValueAsString(entry));
    store.commit();
    return entry;
  }

  /// Entries with an id above `after`, oldest first.
  List<Entry> list(long after, int limit) {
    List<Entry> found = new ArrayList<>();
    Iterator<Long> ids = entries.keyIterator(after + 1);
    while (ids.hasNext() && found.size() < limit) {
      found.add(json.readValue(entries.get(ids.next()), Entry.class));
    }
    return found;
  }

  @Override
  public void close() {
    store.close();
  }
}
