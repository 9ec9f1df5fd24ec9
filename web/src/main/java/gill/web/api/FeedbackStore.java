package gill.web.api;

import gill.web.store.State;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.h2.mvstore.MVMap;
import tools.jackson.databind.json.JsonMapper;

/// Feedback on disk, numbered in the order it came. An entry is on the disk when [#add] returns.
/// Safe for use by many threads.
final class FeedbackStore {
  static final int MOST = 1_000_000;

  private final State state;
  private final MVMap<Long, String> entries;
  private final JsonMapper json;

  FeedbackStore(State state, JsonMapper json) {
    this.state = state;
    this.entries = state.map("feedback");
    this.json = json;
  }

  /// An entry as it is listed.
  ///
  /// @param created Unix seconds
  record Entry(long id, long created, Feedback feedback) {}

  /// Keeps an entry. Refuses when the store is full.
  synchronized Entry add(Feedback feedback, long created) {
    if (entries.sizeAsLong() >= MOST) {
      throw new Problem(
          503, "store_full", "The server keeps " + MOST + " entries of feedback and has them all.");
    }
    Long last = entries.lastKey();
    Entry entry = new Entry(last == null ? 1 : last + 1, created, feedback);
    entries.put(entry.id(), json.writeValueAsString(entry));
    state.commit();
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
}
