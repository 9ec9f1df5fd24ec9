package gill.engine.flow;

/// A piece of what the user sent, in the order it was sent.
public sealed interface PromptPart {
  record TextPart(String text) implements PromptPart {}

  record ImagePart(Pixels pixels) implements PromptPart {}
}
