package gill.engine.llm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.SamplingOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static SamplingOptions options(
      double temperature, double topP, double penalty, long seed) {
    return new SamplingOptions(temperature, topP, penalty, 10, 0, 1, seed);
  }

  private static float[] random(Random random, int size, double spread) {
    float[] logits = new float[size];
    for (int i = 0; i < size; i++) {
      logits[i] = (float) (random.nextGaussian() * spread);
    }
    return logits;
  }

  private static int best(float[] logits) {
    return IntStream.range(0, logits.length)
        .boxed()
        .max((a, b) -> logits[a] == logits[b] ? b - a : Float.compare(logits[a], logits[b]))
        .orElseThrow();
  }

  @Test
  void greedy_takesTheBestAndTheLowestOfEquals() {
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      float[] logits = random(random, 1 + random.nextInt(300), 5);
      assertEquals(best(logits), new Sampler(options(0, 1, 1, 0), logits.length).next(logits));
    }
    assertEquals(1, new Sampler(options(0, 1, 1, 0), 4).next(new float[] {1, 7, 7, 2}));
  }

  @Test
  void draws_stayInTheNucleus() {
    Random random = new Random(2);
    for (int round = 0; round < 100; round++) {
      float[] logits = random(random, 2 + random.nextInt(400), 0.1 + 8 * random.nextDouble());
      double topP = 0.05 + 0.95 * random.nextDouble();
      double temperature = 0.05 + 1.9 * random.nextDouble();
      List<Integer> nucleus = nucleus(logits, temperature, topP);
      Sampler sampler = new Sampler(options(temperature, topP, 1, round), logits.length);
      for (int i = 0; i < 20; i++) {
        int drawn = sampler.next(logits);
        assertTrue(nucleus.contains(drawn), () -> drawn + " is not one of " + nucleus);
      }
    }
  }

  /// The definition, computed the slow way; one more token for rounding at the edge.
  private static List<Integer> nucleus(float[] logits, double temperature, double topP) {
    double max = logits[best(logits)];
    double[] p = new double[logits.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp((logits[i] - max) / temperature);
    }
    double total = Arrays.stream(p).sum();
    List<Integer> sorted =
        IntStream.range(0, p.length).boxed().sorted((a, b) -> Double.compare(p[b], p[a])).toList();
    List<Integer> nucleus = new ArrayList<>();
    double mass = 0;
    for (int id : sorted) {
      nucleus.add(id);
      if (mass >= topP * total * (1 + 1e-9)) {
        break;
      }
      mass += p[id];
    }
    return nucleus;
  }

  @Test
  void draws_followTheProbabilities() {
    float[] logits = {0, (float) Math.log(2), (float) Math.log(5)};
    Sampler sampler = new Sampler(options(1, 1, 1, 11), 3);
    int[] counts = new int[3];
    for (int i = 0; i < 16_000; i++) {
      counts[sampler.next(logits)]++;
    }
    assertEquals(2000, counts[0], 200);
    assertEquals(4000, counts[1], 300);
    assertEquals(10_000, counts[2], 400);
  }

  @Test
  void hugeLogits_doNotOverflow() {
    float[] logits = {3e38f, -3e38f, Float.NEGATIVE_INFINITY, 2.9e38f};
    assertEquals(0, new Sampler(options(0.01, 1, 1, 5), 4).next(logits));
    assertEquals(0, new Sampler(options(2, 0.9, 2, 5), 4).next(logits));
  }

  @Test
  void impossibleTokens_areNeverDrawn() {
    float[] logits = new float[10];
    Arrays.fill(logits, Float.NEGATIVE_INFINITY);
    logits[4] = -50;
    Sampler sampler = new Sampler(options(2, 1, 1.5, 9), 10);
    for (int i = 0; i < 50; i++) {
      assertEquals(4, sampler.next(logits));
    }
  }

  @Test
  void brokenLogits_areRefused() {
    Sampler sampler = new Sampler(options(1, 1, 1, 0), 2);
    float[] none = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
    assertThrows(IllegalArgumentException.class, () -> sampler.next(none));
    assertThrows(IllegalArgumentException.class, () -> sampler.next(new float[] {1, Float.NaN}));
    assertThrows(IllegalArgumentException.class, () -> sampler.next(new float[3]));
  }

  @Test
  void penalty_makesATokenLessLikelyWhateverItsSign() {
    Sampler positive = new Sampler(options(0, 1, 2, 0), 2);
    positive.penalise(0);
    assertEquals(1, positive.next(new float[] {3, 2}));
    Sampler negative = new Sampler(options(0, 1, 2, 0), 2);
    negative.penalise(0);
    assertEquals(1, negative.next(new float[] {-2, -3}));
  }

  @Test
  void aSeed_givesTheSameTokensAgain() {
    float[] logits = random(new Random(3), 500, 1);
    assertEquals(draws(logits, 42), draws(logits, 42));
    assertNotEquals(draws(logits, 42), draws(logits, 43));
  }

  private static List<Integer> draws(float[] logits, long seed) {
    Sampler sampler = new Sampler(options(1, 0.95, 1, seed), logits.length);
    return IntStream.range(0, 50).mapToObj(_ -> sampler.next(logits)).toList();
  }
}
