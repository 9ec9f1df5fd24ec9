package gill.engine.flow;

/// A decision whose right answer is known.
///
/// @param pRetrieve what the head had said, in [0, 1]
/// @param retrieve whether the corpus image was the right answer
public record DecisionLabel(double pRetrieve, boolean retrieve) {
  public DecisionLabel {
    if (!(pRetrieve >= 0 && pRetrieve <= 1)) {
      throw new IllegalArgumentException("p_retrieve must be in [0, 1], got " + pRetrieve);
    }
  }
}
