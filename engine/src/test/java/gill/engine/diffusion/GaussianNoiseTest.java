package gill.engine.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GaussianNoiseTest {
  @Test
  void of_seed_isBoxMullerOverSplitMix64() {
    SplittableRandom reference = new SplittableRandom(42);
    float[] noise = GaussianNoise.of(42, 6);
    for (int i = 0; i < 6; i += 2) {
      double u = ((reference.nextLong() >>> 11) + 1) * 0x1p-53;
      double v = (reference.nextLong() >>> 11) * 0x1p-53;
      double radius = Math.sqrt(-2 * Math.log(u));
      assertEquals(radius * Math.cos(2 * Math.PI * v), noise[i], 1e-6);
      assertEquals(radius * Math.sin(2 * Math.PI * v), noise[i + 1], 1e-6);
    }
  }

  @Test
  void of_oddCount_isThePrefixOfMore() {
    assertArrayEquals(Arrays.copyOf(GaussianNoise.of(7, 100), 33), GaussianNoise.of(7, 33));
  }

  @Test
  void of_neighbouringSeeds_areUnrelated() {
    float[] one = GaussianNoise.of(1, 20_000);
    float[] next = GaussianNoise.of(2, 20_000);
    assertFalse(Arrays.equals(one, next));
    double product = 0;
    for (int i = 0; i < one.length; i++) {
      product += one[i] * next[i];
    }
    assertEquals(0, product / one.length, 0.03);
  }

  @Test
  void of_manyNumbers_hasMeanZeroAndVarianceOne() {
    float[] noise = GaussianNoise.of(1234, 200_000);
    double sum = 0;
    double squares = 0;
    double fourths = 0;
    for (float value : noise) {
      double square = (double) value * value;
      sum += value;
      squares += square;
      fourths += square * square;
    }
    assertEquals(0, sum / noise.length, 0.01);
    assertEquals(1, squares / noise.length, 0.02);
    assertEquals(3, fourths / noise.length, 0.1);
  }
}
