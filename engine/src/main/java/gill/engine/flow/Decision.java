package gill.engine.flow;

/// Where the image of an answer comes from, and how sure the decision head is.
///
/// @param pRetrieve probability that the corpus image is the better answer, in [0, 1]
/// @param forced the caller's image mode chose, not the head
public record Decision(Choice choice, double pRetrieve, boolean forced, String reason) {
  /// The outcomes. EITHER means that both would do; the corpus image is shown, the other is one
  /// click away.
  public enum Choice {
    RETRIEVE,
    GENERATE,
    EITHER,
    NONE
  }

  public Decision {
    if (!(pRetrieve >= 0 && pRetrieve <= 1)) {
      throw new IllegalArgumentException("p_retrieve must be in [0, 1], got " + pRetrieve);
    }
  }
}
