package gill.web.load;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/// Quantiles of times in milliseconds; NaN where there was none.
public record Latency(double p50, double p95) {
  static Latency of(DoubleStream times) {
    double[] sorted = times.filter(it -> !Double.isNaN(it)).toArray();
    Arrays.sort(sorted);
    return new Latency(quantile(sorted, 0.5), quantile(sorted, 0.95));
  }

  private static double quantile(double[] sorted, double q) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)];
  }
}
