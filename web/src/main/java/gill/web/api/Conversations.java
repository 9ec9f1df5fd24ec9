package gill.web.api;

import gill.engine.dialogue.Sessions;
import gill.engine.flow.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Conversations kept for clients that send a `session_id` instead of the whole history. Safe for
/// use by many threads.
final class Conversations {
  private final Sessions<List<Draft>> sessions;

  /// Bounded as [Sessions] is.
  Conversations(int most, long maxBytes, Duration idle) {
    this.sessions =
        new Sessions<>(
            most, maxBytes, idle, messages -> messages.stream().mapToLong(Draft::weight).sum());
  }

  List<Draft> history(SessionId id) {
    return sessions.get(id).orElse(List.of());
  }

  /// Remembers what was said; the oldest messages go when `limits` would be passed.
  void remember(SessionId id, List<Draft> messages, Limits limits) {
    List<Draft> trimmed = new ArrayList<>(messages);
    while (!trimmed.isEmpty() && tooMuch(trimmed, limits)) {
      trimmed.removeFirst();
    }
    sessions.put(id, List.copyOf(trimmed));
  }

  // Half of each limit stays free for what is said next.
  private static boolean tooMuch(List<Draft> messages, Limits limits) {
    return messages.size() > limits.messages() / 2
        || messages.stream().mapToInt(Draft::characters).sum() > limits.promptCharacters() / 2
        || messages.stream().mapToInt(Draft::images).sum() > limits.images() / 2;
  }
}
