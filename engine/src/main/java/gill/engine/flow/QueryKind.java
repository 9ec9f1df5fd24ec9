package gill.engine.flow;

/// What a query vector was made of: cosines of different kinds do not compare, their `p_match` does
/// (docs/model-bundle-format.md, Relevance).
public enum QueryKind {
  /// Texts, through CLIP's text tower.
  TEXT(VectorField.CLIP),
  /// Pictures, or images of the index.
  IMAGE(VectorField.CLIP),
  /// Texts and images mixed, or a vector of unknown origin.
  COMPOSED(VectorField.CLIP),
  /// The [IMG] tokens of the language model.
  IMG(VectorField.GILL);

  private final VectorField field;

  QueryKind(VectorField field) {
    this.field = field;
  }

  /// What the query is compared with.
  public VectorField field() {
    return field;
  }

  /// Of a vector that is known by its field alone.
  public static QueryKind of(VectorField field) {
    return switch (field) {
      case CLIP -> COMPOSED;
      case GILL -> IMG;
    };
  }
}
