package gill.engine.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogisticTest {
  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void fit_labelsDrawnFromACurve_recoversIt() {
    Random random = new Random(1);
    Logistic drawn = new Logistic(List.of(8.0, -3.0, 0.9), -4.0);
    double[][] x = new double[30_000][];
    boolean[] right = new boolean[x.length];
    for (int n = 0; n < x.length; n++) {
      x[n] =
          new double[] {
            0.3 + 0.2 * random.nextGaussian(),
            0.1 + 0.2 * random.nextGaussian(),
            3 + 2 * random.nextGaussian()
          };
      right[n] = random.nextDouble() < drawn.probability(x[n]);
    }
    Logistic fitted = Logistic.fit(x, right, ones(x.length));
    for (int n = 0; n < 1000; n++) {
      assertEquals(drawn.probability(x[n]), fitted.probability(x[n]), 0.05);
    }
    assertEquals(0.9, fitted.slopes().get(2), 0.1);
  }

  @Test
  void fit_weightsCountAsRepetitions() {
    double[][] x = {{0}, {1}, {2}, {3}};
    boolean[] right = {false, true, false, true};
    double[][] repeated = {{0}, {1}, {1}, {1}, {2}, {3}};
    boolean[] repeatedRight = {false, true, true, true, false, true};
    Logistic weighted = Logistic.fit(x, right, new double[] {1, 3, 1, 1});
    Logistic counted = Logistic.fit(repeated, repeatedRight, ones(6));
    // The inputs' spread, and so the ridge, differ a little.
    assertEquals(counted.probability(1.5), weighted.probability(1.5), 1e-2);
  }

  @Test
  void fit_withoutFailToldApart_orWithoutSpread_staysFinite() {
    Logistic apart =
        Logistic.fit(
            new double[][] {{0, 7}, {1, 7}, {10, 7}, {11, 7}},
            new boolean[] {false, false, true, true},
            ones(4));
    assertTrue(Double.isFinite(apart.bias()) && apart.probability(0, 7) < 0.1);
    assertTrue(apart.probability(11, 7) > 0.9);
    assertEquals(0, apart.slopes().get(1), 1e-9);
    Logistic same =
        Logistic.fit(new double[][] {{5}, {5}, {5}}, new boolean[] {true, true, false}, ones(3));
    assertEquals(2 / 3.0, same.probability(5), 0.01);
    assertThrows(
        IllegalArgumentException.class,
        () -> Logistic.fit(new double[0][], new boolean[0], new double[0]));
  }

  @Test
  void reliability_saysHowFarSaidAndSeenLieApart() {
    Reliability perfect =
        Reliability.of(List.of(0.0, 1.0, 0.0, 1.0), List.of(false, true, false, true));
    assertEquals(0, perfect.error());
    Reliability off =
        Reliability.of(List.of(0.95, 0.95, 0.15, 0.15), List.of(true, false, false, false));
    assertEquals(0.5 * 0.45 + 0.5 * 0.15, off.error(), 1e-9);
    assertEquals(2, off.bins().size());
    assertEquals(0.5, off.bins().getLast().seen());
    assertEquals(0, Reliability.of(List.of(), List.of()).error());
  }

  @Test
  void decisionFit_undoIsTheInverseOfApply() {
    var fit = new IndexCalibration.DecisionFit(1.7, -0.4, 10, 0.03, "");
    for (double p : new double[] {0.01, 0.3, 0.5, 0.98}) {
      assertEquals(p, fit.undo(fit.apply(p)), 1e-9);
      assertEquals(p, IndexCalibration.DecisionFit.NONE.apply(p));
    }
    assertTrue(fit.apply(0) >= 0 && fit.apply(1) <= 1);
  }
}
