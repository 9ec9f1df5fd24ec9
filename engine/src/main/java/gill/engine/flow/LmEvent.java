package gill.engine.flow;

/// What the language model does while it answers, in order.
public sealed interface LmEvent {
  /// A piece of text; `text` is empty while a multi-byte character is incomplete.
  ///
  /// @param id the token, or -1 for bytes that were held back and never became a character
  record Token(int id, String text) implements LmEvent {}

  /// The model asks for an image here.
  record Img(ImgSpan span) implements LmEvent {}

  /// The last event.
  record Stopped(StopReason reason, Usage usage) implements LmEvent {}
}
