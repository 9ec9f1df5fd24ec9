package gill.engine.dialogue;

import gill.engine.flow.Message;
import gill.engine.flow.PromptPart;
import java.util.List;

/// What a turn may hold; checked before any model runs.
///
/// @param maxCharacters text of the whole request, history included
/// @param maxImages images of the whole request, history included
public record DialogueLimits(int maxCharacters, int maxImages) {
  public static final DialogueLimits DEFAULT = new DialogueLimits(32_000, 32);

  /// Throws [IllegalArgumentException] naming the limit, the value and the remedy.
  ///
  /// @param conversation oldest message first, at least one
  void check(List<Message> conversation) {
    List<PromptPart> parts =
        conversation.stream().map(Message::parts).flatMap(List::stream).toList();
    long characters = 0;
    int images = 0;
    for (PromptPart part : parts) {
      switch (part) {
        case PromptPart.TextPart(String text) -> characters += text.length();
        case PromptPart.ImagePart _ -> images++;
      }
    }
    if (characters > maxCharacters) {
      throw new IllegalArgumentException(
          "the conversation has %d characters, at most %d are read: shorten the prompt or start a new chat"
              .formatted(characters, maxCharacters));
    }
    if (images > maxImages) {
      throw new IllegalArgumentException(
          "the conversation has %d images, at most %d are read: send fewer"
              .formatted(images, maxImages));
    }
    boolean blank =
        conversation.getLast().parts().stream()
            .allMatch(part -> part instanceof PromptPart.TextPart(String text) && text.isBlank());
    if (blank) {
      throw new IllegalArgumentException("the prompt is empty: send a text or an image");
    }
  }
}
