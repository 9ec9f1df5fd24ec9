package gill.engine.flow;

import java.util.List;

/// Logistic regression: p = sigmoid(slopes · x + bias).
///
/// @param slopes one per input
public record Logistic(List<Double> slopes, double bias) {
  private static final double RIDGE = 1e-3;
  private static final int STEPS = 100;

  public Logistic {
    slopes = List.copyOf(slopes);
  }

  /// @param x one row per case, all of one length
  /// @param weight of each case, not negative
  ///
  ///   Maximum likelihood by Newton's method over standardised inputs, with a ridge that keeps the
  ///   slopes finite where the cases can be told apart without fail. Throws
  ///   [IllegalArgumentException] without cases.
  public static Logistic fit(double[][] x, boolean[] right, double[] weight) {
    if (x.length == 0) {
      throw new IllegalArgumentException("nothing to fit to");
    }
    int inputs = x[0].length;
    double[] mean = new double[inputs];
    double[] spread = new double[inputs];
    double[][] design = standardised(x, mean, spread);
    double total = 0;
    for (double w : weight) {
      total += w;
    }
    double[] solution = new double[inputs + 1];
    for (int step = 0; step < STEPS; step++) {
      double[] move = newton(design, right, weight, total, solution);
      double before = loss(design, right, weight, total, solution);
      double size = 1;
      double[] next = moved(solution, move, size);
      while (loss(design, right, weight, total, next) > before && size > 1e-6) {
        size /= 2;
        next = moved(solution, move, size);
      }
      solution = next;
      double longest = 0;
      for (double m : move) {
        longest = Math.max(longest, Math.abs(m * size));
      }
      if (longest < 1e-10) {
        break;
      }
    }
    Double[] slopes = new Double[inputs];
    double bias = solution[inputs];
    for (int i = 0; i < inputs; i++) {
      slopes[i] = solution[i] / spread[i];
      bias -= slopes[i] * mean[i];
    }
    return new Logistic(List.of(slopes), bias);
  }

  /// In [0, 1].
  public double probability(double... x) {
    double sum = bias;
    for (int i = 0; i < x.length; i++) {
      sum += slopes.get(i) * x[i];
    }
    return MatchCurve.sigmoid(sum);
  }

  private static double[][] standardised(double[][] x, double[] mean, double[] spread) {
    int inputs = mean.length;
    for (int i = 0; i < inputs; i++) {
      double squares = 0;
      for (double[] row : x) {
        mean[i] += row[i] / x.length;
      }
      for (double[] row : x) {
        squares += (row[i] - mean[i]) * (row[i] - mean[i]) / x.length;
      }
      spread[i] = Math.max(Math.sqrt(squares), 1e-9);
    }
    double[][] design = new double[x.length][inputs + 1];
    for (int n = 0; n < x.length; n++) {
      for (int i = 0; i < inputs; i++) {
        design[n][i] = (x[n][i] - mean[i]) / spread[i];
      }
      design[n][inputs] = 1;
    }
    return design;
  }

  private static double[] moved(double[] from, double[] move, double size) {
    double[] to = from.clone();
    for (int i = 0; i < to.length; i++) {
      to[i] -= size * move[i];
    }
    return to;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double loss(
      double[][] design, boolean[] right, double[] weight, double total, double[] solution) {
    double loss = RIDGE / 2 * dot(solution, solution);
    for (int n = 0; n < design.length; n++) {
      double margin = dot(design[n], solution) * (right[n] ? 1 : -1);
      // ln(1 + e^-m) without overflow.
      loss += weight[n] / total * (Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin))));
    }
    return loss;
  }

  /// The gradient over the curvature.
  private static double[] newton(
      double[][] design, boolean[] right, double[] weight, double total, double[] solution) {
    int size = solution.length;
    double[][] system = new double[size][size + 1];
    for (int i = 0; i < size; i++) {
      system[i][i] = RIDGE;
      system[i][size] = RIDGE * solution[i];
    }
    for (int n = 0; n < design.length; n++) {
      double p = MatchCurve.sigmoid(dot(design[n], solution));
      double share = weight[n] / total;
      for (int i = 0; i < size; i++) {
        system[i][size] += share * (p - (right[n] ? 1 : 0)) * design[n][i];
        for (int j = 0; j < size; j++) {
          system[i][j] += share * p * (1 - p) * design[n][i] * design[n][j];
        }
      }
    }
    return solved(system);
  }

  /// Gauss elimination of a positive definite system, right-hand side in the last column.
  private static double[] solved(double[][] system) {
    int size = system.length;
    for (int pivot = 0; pivot < size; pivot++) {
      for (int row = pivot + 1; row < size; row++) {
        double factor = system[row][pivot] / system[pivot][pivot];
        for (int column = pivot; column <= size; column++) {
          system[row][column] -= factor * system[pivot][column];
        }
      }
    }
    double[] solution = new double[size];
    for (int row = size - 1; row >= 0; row--) {
      double sum = system[row][size];
      for (int column = row + 1; column < size; column++) {
        sum -= system[row][column] * solution[column];
      }
      solution[row] = sum / system[row][row];
    }
    return solution;
  }
}
