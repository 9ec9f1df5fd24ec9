package gill.engine.flow;

import java.util.List;

/// One message of a dialogue. An assistant's message may hold the images it returned, so that they
/// are part of the history.
public record Message(Role role, List<PromptPart> parts) {
  /// Who speaks.
  public enum Role {
    SYSTEM,
    USER,
    ASSISTANT
  }

  public Message {
    parts = List.copyOf(parts);
  }

  public static Message user(String text) {
    return new Message(Role.USER, List.of(new PromptPart.TextPart(text)));
  }
}
