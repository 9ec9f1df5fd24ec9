package gill.engine.flow;

/// What the language model does while it answers, in order.
public sealed interface LmEvent {
  /// A piece of text; `text` is empty while a multi-byte character is incomplete.
  record Token(int id, String text) implements LmEvent {}

  /// The model asks for an image here.
  record Img(ImgSpan span) implements LmEvent {}

  /// The last event.
  record Stopped(StopReason reason) implements LmEvent {}
}
