package gill.web.api;

import gill.engine.flow.SessionId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Conversations kept for clients that send a `session_id` instead of the whole history. Bounded in
/// number, memory and age; the least recently used go first. Safe for use by many threads.
final class Conversations {
  private final int most;
  private final long maxBytes;
  private final Duration idle;
  private final InstantSource clock;
  private final Map<SessionId, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  private record Kept(List<Draft> messages, long weight, Instant used) {}

  Conversations(int most, long maxBytes, Duration idle, InstantSource clock) {
    this.most = most;
    this.maxBytes = maxBytes;
    this.idle = idle;
    this.clock = clock;
  }

  synchronized List<Draft> history(SessionId id) {
    forgetOld();
    Kept found = kept.get(id);
    return found == null ? List.of() : found.messages();
  }

  /// Remembers what was said; the oldest messages go when `limits` would be passed.
  synchronized void remember(SessionId id, List<Draft> messages, Limits limits) {
    List<Draft> trimmed = new ArrayList<>(messages);
    while (!trimmed.isEmpty() && tooMuch(trimmed, limits)) {
      trimmed.removeFirst();
    }
    remove(kept.remove(id));
    Kept entry =
        new Kept(
            List.copyOf(trimmed), trimmed.stream().mapToLong(Draft::weight).sum(), clock.instant());
    kept.put(id, entry);
    bytes += entry.weight();
    forgetOld();
  }

  synchronized int size() {
    return kept.size();
  }

  // Half of each limit stays free for what is said next.
  private static boolean tooMuch(List<Draft> messages, Limits limits) {
    return messages.size() > limits.messages() / 2
        || messages.stream().mapToInt(Draft::characters).sum() > limits.promptCharacters() / 2
        || messages.stream().mapToInt(Draft::images).sum() > limits.images() / 2;
  }

  private void forgetOld() {
    Instant oldest = clock.instant().minus(idle);
    Iterator<Kept> eldestFirst = kept.values().iterator();
    while (eldestFirst.hasNext()) {
      Kept eldest = eldestFirst.next();
      boolean keep = kept.size() <= most && bytes <= maxBytes && !eldest.used().isBefore(oldest);
      if (keep) {
        return;
      }
      eldestFirst.remove();
      bytes -= eldest.weight();
    }
  }

  private void remove(@org.jspecify.annotations.Nullable Kept entry) {
    if (entry != null) {
      bytes -= entry.weight();
    }
  }
}
