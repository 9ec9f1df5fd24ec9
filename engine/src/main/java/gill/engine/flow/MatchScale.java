package gill.engine.flow;

/// How one query's cosines are read: against its own cosines with the index's background sample.
///
/// @param calibrated the curve was fitted to this index; else it is the bundle's, or the default
/// @param mean of the query's cosines with the sample; 0 without a sample
/// @param spread their standard deviation
public record MatchScale(MatchCurve curve, boolean calibrated, double mean, double spread) {
  /// Less spread than this says nothing.
  private static final double FLAT = 1e-6;

  /// Of a search that had no index to ask.
  public static final MatchScale NONE = new MatchScale(MatchCurve.DEFAULT, false, 0, 0);

  /// How many standard deviations a cosine lies above what this query gets from any image; 0 if the
  /// sample has no spread.
  public double z(double cosine) {
    return spread < FLAT ? 0 : (cosine - mean) / spread;
  }

  /// The probability that a hit of this cosine shows what was asked, in [0, 1].
  public double pMatch(double cosine) {
    return curve.probability(cosine, mean, z(cosine));
  }
}
