package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ClassificationTest {
  private static final int[] ALL = {0, 1, 2, 3, 4};

  /// Two yes found, one missed, one no found, one wrongly said.
  private static final Classification ANSWERS =
      new Classification(
          new double[] {0.9, 0.85, 0.2, 0.1, 0.6},
          new boolean[] {true, true, true, false, false},
          0.5);

  @Test
  void confusion_countsTruthByAnswer() {
    assertArrayEquals(new int[][] {{1, 1}, {1, 2}}, ANSWERS.confusion(ALL));
  }

  @Test
  void macroF1_isTheMeanOverBothClasses() {
    // Yes: 2·2 / (2·2 + 1 + 1); no: 2·1 / (2·1 + 1 + 1).
    assertEquals((4 / 6.0 + 2 / 4.0) / 2, ANSWERS.macroF1(ALL), 1e-12);
  }

  @Test
  void macroF1_ofOnlyOneClassRight_isAHalf() {
    assertEquals(0.5, ANSWERS.macroF1(new int[] {0, 1}), 1e-12);
  }

  @Test
  void calibrationError_weighsEachBinsDistance() {
    // Bins .9 (|.9 − 1|), .8 (|.85 − 1|), .2 (|.2 − 1|), .1 (|.1 − 0|), .6 (|.6 − 0|), one case
    // each.
    assertEquals((0.1 + 0.15 + 0.8 + 0.1 + 0.6) / 5, ANSWERS.calibrationError(ALL), 1e-12);
  }

  @Test
  void calibrationError_averagesWithinABin() {
    Classification two =
        new Classification(new double[] {0.71, 0.79}, new boolean[] {true, false}, 0.5);
    assertEquals(0.25, two.calibrationError(new int[] {0, 1}), 1e-12);
  }

  @Test
  void certainty_fallsIntoTheLastBin() {
    Classification sure = new Classification(new double[] {1}, new boolean[] {true}, 0.5);
    assertEquals(1, sure.bins(new int[] {0})[Classification.BINS - 1].count());
  }

  @Test
  void differentCounts_areRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Classification(new double[2], new boolean[3], 0.5));
  }
}
