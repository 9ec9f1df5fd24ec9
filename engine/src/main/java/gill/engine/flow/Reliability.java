package gill.engine.flow;

import java.util.ArrayList;
import java.util.List;

/// How far probabilities can be believed: what was said, and how often it was so, in ten equal
/// bins.
///
/// @param cases how many probabilities there were
/// @param error expected calibration error: the mean distance of said and seen over the bins,
///   weighted by their cases; 0 without cases
public record Reliability(List<Bin> bins, int cases, double error) {
  public static final Reliability NONE = new Reliability(List.of(), 0, 0);
  private static final int BINS = 10;

  /// @param said mean probability
  /// @param seen share of the cases in which it was so
  public record Bin(double from, double to, int cases, double said, double seen) {}

  public Reliability {
    bins = List.copyOf(bins);
  }

  /// @param probabilities in [0, 1]
  /// @param right whether it was so, for each
  public static Reliability of(List<Double> probabilities, List<Boolean> right) {
    int[] cases = new int[BINS];
    double[] said = new double[BINS];
    int[] seen = new int[BINS];
    for (int i = 0; i < probabilities.size(); i++) {
      int bin = Math.min(BINS - 1, (int) (probabilities.get(i) * BINS));
      cases[bin]++;
      said[bin] += probabilities.get(i);
      seen[bin] += right.get(i) ? 1 : 0;
    }
    List<Bin> bins = new ArrayList<>();
    double error = 0;
    for (int i = 0; i < BINS; i++) {
      if (cases[i] > 0) {
        bins.add(
            new Bin(
                (double) i / BINS,
                (i + 1.0) / BINS,
                cases[i],
                said[i] / cases[i],
                (double) seen[i] / cases[i]));
        error += Math.abs(said[i] - seen[i]) / probabilities.size();
      }
    }
    return new Reliability(bins, probabilities.size(), error);
  }
}
