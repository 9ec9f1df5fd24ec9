package gill.engine.flow;

/// How thoroughly vectors are searched: more finds more of the truly nearest and takes longer.
///
/// @param ef candidates that the graph collects, 1 to 10000, never fewer than are compared at full
///   precision; 0 = two for each hit wanted, at least 200
/// @param oversample candidates for each hit wanted that are compared at full precision, 1 to 100;
///   0 = as the index's vector format needs
public record Effort(int ef, int oversample) {
  public static final Effort USUAL = new Effort(0, 0);

  public Effort {
    if (ef < 0 || ef > 10_000) {
      throw new IllegalArgumentException("ef must be in [1, 10000], got " + ef);
    }
    if (oversample < 0 || oversample > 100) {
      throw new IllegalArgumentException("oversample must be in [1, 100], got " + oversample);
    }
  }
}
