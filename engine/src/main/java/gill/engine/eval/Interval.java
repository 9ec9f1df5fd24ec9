package gill.engine.eval;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/// A figure with its 95 % bootstrap interval (percentiles of 1,000 resamples of the cases; Efron
/// and Tibshirani 1993).
///
/// @param low 2.5th percentile; equals `value` where no resampling was possible
/// @param n cases behind the figure
public record Interval(double value, double low, double high, int n) {
  private static final int RESAMPLES = 1000;

  /// The mean of one number a case. Not a number for no case.
  public static Interval ofMean(double[] values, long seed) {
    return of(values.length, picks -> mean(values, picks), seed);
  }

  /// Any statistic of cases.
  ///
  /// @param statistic of the cases with these numbers, some of them more than once
  public static Interval of(int n, ToDoubleFunction<int[]> statistic, long seed) {
    if (n == 0) {
      return new Interval(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    int[] all = new int[n];
    Arrays.setAll(all, i -> i);
    double[] resampled = new double[RESAMPLES];
    SplittableRandom random = new SplittableRandom(seed);
    int[] picks = new int[n];
    for (int i = 0; i < RESAMPLES; i++) {
      for (int j = 0; j < n; j++) {
        picks[j] = random.nextInt(n);
      }
      resampled[i] = statistic.applyAsDouble(picks);
    }
    return new Interval(
        statistic.applyAsDouble(all), percentile(resampled, 2.5), percentile(resampled, 97.5), n);
  }

  /// A figure without an interval, e.g. a count.
  public static Interval exact(double value, int n) {
    return new Interval(value, value, value, n);
  }

  static double mean(double[] values, int[] picks) {
    double sum = 0;
    for (int pick : picks) {
      sum += values[pick];
    }
    return sum / picks.length;
  }

  /// Nearest rank, of the numbers among `values`.
  static double percentile(double[] values, double percent) {
    double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }
}
