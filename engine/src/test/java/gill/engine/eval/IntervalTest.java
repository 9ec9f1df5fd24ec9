package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void mean_ofEqualNumbers_hasNoWidth() {
    assertEquals(new Interval(0.5, 0.5, 0.5, 3), Interval.ofMean(new double[] {.5, .5, .5}, 1));
  }

  @Test
  void mean_ofACoin_hasTheBinomialInterval() {
    double[] tosses = new double[400];
    Arrays.fill(tosses, 0, 200, 1);
    Interval interval = Interval.ofMean(tosses, 1);
    // 1.96 standard errors of 0.5 / sqrt(400) = 0.025 each.
    assertEquals(0.5, interval.value(), 1e-12);
    assertEquals(0.451, interval.low(), 0.008);
    assertEquals(0.549, interval.high(), 0.008);
  }

  @Test
  void sameSeed_sameInterval() {
    double[] values = {0, 1, 0, 0, 1, 1, 0.25, 0.5};
    assertEquals(Interval.ofMean(values, 5), Interval.ofMean(values, 5));
    assertNotEquals(Interval.ofMean(values, 5), Interval.ofMean(values, 6));
  }

  @Test
  void noCases_giveNoNumber() {
    assertTrue(Double.isNaN(Interval.ofMean(new double[0], 1).value()));
    assertEquals(0, Interval.ofMean(new double[0], 1).n());
  }

  @Test
  void percentile_isTheNearestRank() {
    double[] values = {5, 1, 4, 2, 3, Double.NaN};
    assertEquals(3, Interval.percentile(values, 50));
    assertEquals(1, Interval.percentile(values, 2.5));
    assertEquals(5, Interval.percentile(values, 97.5));
  }
}
