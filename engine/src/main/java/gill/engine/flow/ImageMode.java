package gill.engine.flow;

/// Whether, and from where, an image may come.
public enum ImageMode {
  /// The model decides if an image is shown, the decision head where it comes from.
  AUTO,
  /// An image is shown, from the corpus.
  RETRIEVE,
  /// An image is shown, generated.
  GENERATE,
  /// Text only.
  NONE
}
