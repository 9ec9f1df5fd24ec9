package gill.engine.dialogue;

import gill.engine.flow.ContentWords;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.ImagePart;
import gill.engine.flow.PromptPart.TextPart;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a turn asks to see, as the searches of the corpus read it.
///
/// @param request the words of the turn
/// @param earlier the user's words before it
/// @param query the [IMG] query, which reads the whole conversation
/// @param ofWords `request` in CLIP space; null if it is blank
/// @param ofPictures the mean of the turn's pictures in CLIP space; null without any
record Wish(
    String request,
    String earlier,
    boolean followUp,
    UnitVector query,
    @Nullable UnitVector ofWords,
    @Nullable UnitVector ofPictures) {
  Optional<UnitVector> words() {
    return Optional.ofNullable(ofWords);
  }

  Optional<UnitVector> pictures() {
    return Optional.ofNullable(ofPictures);
  }

  /// The words of the turn itself: the text evidence of the decision and the record of a picture.
  static String request(Turn turn) {
    return words(List.of(new Message(Role.USER, turn.parts())), " ");
  }

  /// What the user said before the turn.
  static String earlier(Turn turn) {
    return words(
        turn.history().stream().filter(message -> message.role() == Role.USER).toList(), "\n");
  }

  /// The turn's own pictures, in order.
  static List<Pixels> pictures(Turn turn) {
    List<Pixels> pictures = new ArrayList<>();
    for (PromptPart part : turn.parts()) {
      if (part instanceof ImagePart(Pixels pixels)) {
        pictures.add(pixels);
      }
    }
    return pictures;
  }

  private static String words(List<Message> messages, String between) {
    StringBuilder words = new StringBuilder();
    for (Message message : messages) {
      for (PromptPart part : message.parts()) {
        if (part instanceof TextPart(String text)) {
          words.append(words.isEmpty() ? "" : between).append(text.strip());
        }
      }
    }
    return words.toString();
  }

  Fusion.Setting setting() {
    return new Fusion.Setting(
        ofWords != null, ofPictures != null, followUp, ContentWords.of(request).size());
  }

  /// The user's words, the turn's last.
  String all() {
    return earlier.isBlank() ? request : earlier + "\n" + request;
  }
}
