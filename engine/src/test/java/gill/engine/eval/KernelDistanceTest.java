package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KernelDistanceTest {
  @Test
  void distance_ofHandPickedSets() {
    List<float[]> one = List.of(new float[] {1, 0}, new float[] {0, 1});
    List<float[]> other = List.of(new float[] {1, 1}, new float[] {-1, -1});
    // Within: (0 / 2 + 1)³ = 1 and (−2 / 2 + 1)³ = 0; between: (1.5³ + 0.5³) / 2 = 1.75.
    assertEquals(1 + 0 - 2 * 1.75, KernelDistance.of(one, other), 1e-9);
  }

  @Test
  void samplesOfOneSource_areNearZero_ofAnotherFar() {
    Random random = new Random(3);
    List<float[]> one = normal(random, 60, 0);
    assertEquals(0, KernelDistance.of(one, normal(random, 60, 0)), 0.3);
    assertTrue(KernelDistance.of(one, normal(random, 60, 1)) > 1);
  }

  @Test
  void interval_holdsTheFigure() {
    Random random = new Random(4);
    Interval interval = KernelDistance.interval(normal(random, 40, 0), normal(random, 40, 0.5f), 1);
    assertTrue(interval.low() < interval.value() && interval.value() < interval.high());
    assertEquals(40, interval.n());
  }

  private static List<float[]> normal(Random random, int count, float mean) {
    List<float[]> set = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] values = new float[8];
      for (int d = 0; d < values.length; d++) {
        values[d] = mean + (float) random.nextGaussian();
      }
      set.add(values);
    }
    return set;
  }
}
