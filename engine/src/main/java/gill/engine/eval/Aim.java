package gill.engine.eval;

/// What a figure should reach.
///
/// @param atLeast whether it should be at least `bound`, else at most
public record Aim(double bound, boolean atLeast) {
  /// No aim was set.
  public static final Aim NONE = new Aim(Double.NaN, true);

  public static Aim atLeast(double bound) {
    return new Aim(bound, true);
  }

  public static Aim atMost(double bound) {
    return new Aim(bound, false);
  }

  public boolean isSet() {
    return !Double.isNaN(bound);
  }

  /// Whether the figure itself, whatever its interval, is on the right side.
  public boolean isMet(double value) {
    return atLeast ? value >= bound : value <= bound;
  }
}
