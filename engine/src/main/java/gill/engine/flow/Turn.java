package gill.engine.flow;

import java.util.ArrayList;
import java.util.List;

/// One request to the dialogue: what was said before, what is said now, and how to answer.
///
/// @param history earlier messages, oldest first (may be empty); the last message of the request is
///   in `parts`
/// @param parts what the user says now, text and images in any order, at least one
/// @param shown images the conversation has shown already; they are not retrieved again
/// @param k candidates to return beside the chosen image, 1 to 100
/// @param minPMatch corpus images of a lower `p_match` are not shown, in [0, 1]
/// @param decisionThreshold P(retrieve) from which the corpus image is shown, in [0, 1], or
///   [#USUAL_THRESHOLD]
public record Turn(
    List<Message> history,
    List<PromptPart> parts,
    java.util.Set<ImageId> shown,
    ImageMode imageMode,
    SamplingOptions sampling,
    GenerationOptions generation,
    int k,
    double minPMatch,
    double decisionThreshold) {
  /// The bundle's own threshold, with its band in which both would do.
  public static final double USUAL_THRESHOLD = -1;

  public Turn {
    history = List.copyOf(history);
    parts = List.copyOf(parts);
    shown = java.util.Set.copyOf(shown);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a turn needs at least one text or image");
    }
    if (k < 1 || k > 100) {
      throw new IllegalArgumentException("k must be in [1, 100], got " + k);
    }
    if (!(minPMatch >= 0 && minPMatch <= 1)) {
      throw new IllegalArgumentException("min_p_match must be in [0, 1], got " + minPMatch);
    }
    if (!(decisionThreshold >= 0 && decisionThreshold <= 1)
        && decisionThreshold != USUAL_THRESHOLD) {
      throw new IllegalArgumentException(
          "decision_threshold must be in [0, 1], got " + decisionThreshold);
    }
  }

  /// That shows whatever is nearest.
  public Turn(
      List<Message> history,
      List<PromptPart> parts,
      java.util.Set<ImageId> shown,
      ImageMode imageMode,
      SamplingOptions sampling,
      GenerationOptions generation,
      int k) {
    this(history, parts, shown, imageMode, sampling, generation, k, 0, USUAL_THRESHOLD);
  }

  /// All messages, the user's present one last.
  public List<Message> conversation() {
    List<Message> messages = new ArrayList<>(history);
    messages.add(new Message(Message.Role.USER, parts));
    return List.copyOf(messages);
  }

  public static Turn of(String text) {
    return new Turn(
        List.of(),
        List.of(new PromptPart.TextPart(text)),
        java.util.Set.of(),
        ImageMode.AUTO,
        SamplingOptions.DEFAULT,
        GenerationOptions.DEFAULT,
        4);
  }
}
