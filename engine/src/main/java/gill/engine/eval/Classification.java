package gill.engine.eval;

/// How good yes-or-no answers with probabilities are.
///
/// @param probabilities of yes, in [0, 1]
/// @param truths whether yes was right
record Classification(double[] probabilities, boolean[] truths, double threshold) {
  static final int BINS = 10;

  Classification {
    if (probabilities.length != truths.length) {
      throw new IllegalArgumentException(
          probabilities.length + " answers, but " + truths.length + " truths");
    }
  }

  /// The mean of both classes' F1 over the picked cases; a class that neither occurs nor is said
  /// has an F1 of 0.
  double macroF1(int[] picks) {
    int[][] counts = confusion(picks);
    return (f1(counts[1][1], counts[0][1], counts[1][0])
            + f1(counts[0][0], counts[1][0], counts[0][1]))
        / 2;
  }

  private static double f1(int right, int wronglySaid, int missed) {
    int sum = 2 * right + wronglySaid + missed;
    return sum == 0 ? 0 : 2.0 * right / sum;
  }

  /// `[truth][answer]`, 1 = yes.
  int[][] confusion(int[] picks) {
    int[][] counts = new int[2][2];
    for (int pick : picks) {
      counts[truths[pick] ? 1 : 0][probabilities[pick] >= threshold ? 1 : 0]++;
    }
    return counts;
  }

  /// Expected calibration error over ten bins of equal width: the mean distance between a bin's
  /// mean probability and its share of yes, weighted by the bin's cases (Guo et al. 2017).
  double calibrationError(int[] picks) {
    double error = 0;
    for (Bin bin : bins(picks)) {
      error += bin.count() * Math.abs(bin.meanProbability() - bin.share());
    }
    return error / picks.length;
  }

  /// One bin of a reliability diagram; an empty one has zeros.
  record Bin(int count, double meanProbability, double share) {}

  Bin[] bins(int[] picks) {
    int[] counts = new int[BINS];
    double[] sums = new double[BINS];
    int[] right = new int[BINS];
    for (int pick : picks) {
      int bin = Math.min(BINS - 1, (int) (probabilities[pick] * BINS));
      counts[bin]++;
      sums[bin] += probabilities[pick];
      right[bin] += truths[pick] ? 1 : 0;
    }
    Bin[] bins = new Bin[BINS];
    for (int i = 0; i < BINS; i++) {
      bins[i] =
          counts[i] == 0
              ? new Bin(0, 0, 0)
              : new Bin(counts[i], sums[i] / counts[i], (double) right[i] / counts[i]);
    }
    return bins;
  }
}
