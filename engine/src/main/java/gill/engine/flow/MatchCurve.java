package gill.engine.flow;

/// From a hit's evidence to the probability that it shows what was asked: `sigmoid(cosine · c +
/// mean · m + z · z + bias)`.
///
/// @param cosine factor of the hit's cosine c
/// @param mean factor of the mean m of the query's cosines with the background sample
/// @param z factor of the hit's z: c in standard deviations above m
public record MatchCurve(double cosine, double mean, double z, double bias) {
  /// For want of anything better: by z alone.
  public static final MatchCurve DEFAULT = new MatchCurve(0, 0, 1.4, -8);

  public MatchCurve {
    if (!Double.isFinite(cosine + mean + z + bias)) {
      throw new IllegalArgumentException(
          "a relevance curve needs finite numbers, got "
              + cosine
              + ", "
              + mean
              + ", "
              + z
              + ", "
              + bias);
    }
  }

  /// In [0, 1].
  public double probability(double c, double m, double zOfC) {
    return sigmoid(cosine * c + mean * m + z * zOfC + bias);
  }

  /// The logarithm of the odds, the inverse of [#sigmoid]. Nothing is surer than one in a million:
  /// it could not be outvoted.
  public static double logit(double p) {
    double inside = Math.clamp(p, 1e-6, 1 - 1e-6);
    return Math.log(inside / (1 - inside));
  }

  /// `1 / (1 + e^-x)`.
  public static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
