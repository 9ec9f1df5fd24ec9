package gill.engine.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/// How far two sets of pictures lie apart in a feature space: the unbiased squared maximum mean
/// discrepancy with the kernel (x·y / d + 1)³, as KID (Bińkowski et al. 2018). 0 = alike; may be a
/// little below.
final class KernelDistance {
  private static final int SUBSETS = 200;

  private KernelDistance() {}

  /// At least two of each.
  static double of(List<float[]> one, List<float[]> other) {
    return within(one) + within(other) - 2 * between(one, other);
  }

  /// With an interval from subsets of two thirds of each set, drawn without putting back: a picture
  /// that is drawn twice would count as one exactly alike.
  static Interval interval(List<float[]> one, List<float[]> other, long seed) {
    if (one.size() < 4 || other.size() < 4) {
      return Interval.exact(Double.NaN, 0);
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[SUBSETS];
    for (int i = 0; i < SUBSETS; i++) {
      values[i] = of(subset(one, random), subset(other, random));
    }
    return new Interval(
        of(one, other),
        Interval.percentile(values, 2.5),
        Interval.percentile(values, 97.5),
        one.size());
  }

  private static List<float[]> subset(List<float[]> all, SplittableRandom random) {
    List<float[]> shuffled = new ArrayList<>(all);
    for (int i = shuffled.size() - 1; i > 0; i--) {
      Collections.swap(shuffled, i, random.nextInt(i + 1));
    }
    return shuffled.subList(0, Math.max(2, 2 * all.size() / 3));
  }

  private static double within(List<float[]> set) {
    double sum = 0;
    for (int i = 0; i < set.size(); i++) {
      for (int j = 0; j < i; j++) {
        sum += 2 * kernel(set.get(i), set.get(j));
      }
    }
    return sum / ((double) set.size() * (set.size() - 1));
  }

  private static double between(List<float[]> one, List<float[]> other) {
    double sum = 0;
    for (float[] x : one) {
      for (float[] y : other) {
        sum += kernel(x, y);
      }
    }
    return sum / ((double) one.size() * other.size());
  }

  private static double kernel(float[] x, float[] y) {
    double dot = 0;
    for (int i = 0; i < x.length; i++) {
      dot += (double) x[i] * y[i];
    }
    double base = dot / x.length + 1;
    return base * base * base;
  }
}
