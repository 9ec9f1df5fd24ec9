package gill.engine.dialogue;

import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.SessionId;
import java.util.List;
import java.util.Set;

/// What a conversation has said and shown so far. Immutable: a new turn makes a new session.
///
/// @param shown corpus images already shown; they are not retrieved again
public record Session(SessionId id, List<Message> history, Set<ImageId> shown) {
  public Session {
    history = List.copyOf(history);
    shown = Set.copyOf(shown);
  }

  public static Session empty(SessionId id) {
    return new Session(id, List.of(), Set.of());
  }
}
