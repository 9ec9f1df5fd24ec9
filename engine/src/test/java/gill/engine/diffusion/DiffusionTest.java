package gill.engine.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Conditioning;
import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.runtime.Bundle;
import gill.engine.testing.TinyBundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiffusionTest {
  private Bundle bundle;
  private Diffusion diffusion;

  @BeforeAll
  void open(@TempDir Path folder) {
    bundle = Bundle.open(TinyBundle.copyTo(folder));
    diffusion = new Diffusion(bundle);
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  private Conditioning conditioning(long seed) {
    int length = bundle.manifest().gill().conditioningLength();
    int dimension = bundle.manifest().gill().conditioningDim();
    return new Conditioning(
        Matrix.of(length, dimension, GaussianNoise.of(seed, length * dimension)));
  }

  private Conditioning zeros() {
    return Diffusion.zeros(
        bundle.manifest().gill().conditioningLength(), bundle.manifest().gill().conditioningDim());
  }

  private static DenoiseOptions options(long seed, int steps, double guidance) {
    return new DenoiseOptions(seed, steps, guidance, "");
  }

  private Pixels draw(Conditioning conditioning, Conditioning unconditional, DenoiseOptions how) {
    Denoised result =
        diffusion.generate(
            List.of(new WeightedPrompt(conditioning, 1)),
            unconditional,
            Optional.empty(),
            how,
            StepListener.NONE,
            Cancellation.NEVER);
    return assertInstanceOf(Denoised.Picture.class, result).pixels();
  }

  @Test
  void generate_sameSeed_sameBytes() {
    Pixels one = draw(conditioning(1), zeros(), options(7, 4, 2));
    assertEquals(one, draw(conditioning(1), zeros(), options(7, 4, 2)));
    assertEquals(bundle.manifest().diffusion().imageSize(), one.width());
    assertEquals(bundle.manifest().diffusion().imageSize(), one.height());
  }

  @Test
  void generate_otherSeedPromptGuidanceOrSteps_otherPicture() {
    Pixels one = draw(conditioning(1), zeros(), options(7, 4, 2));
    assertNotEquals(one, draw(conditioning(1), zeros(), options(8, 4, 2)));
    assertNotEquals(one, draw(conditioning(2), zeros(), options(7, 4, 2)));
    assertNotEquals(one, draw(conditioning(1), zeros(), options(7, 4, 9)));
    assertNotEquals(one, draw(conditioning(1), zeros(), options(7, 2, 2)));
  }

  @Test
  void generate_equalConditionings_ignoreGuidance() {
    Pixels plain = draw(conditioning(1), zeros(), options(7, 4, 1));
    assertEquals(plain, draw(conditioning(1), conditioning(1), options(7, 4, 1)));
    Pixels guided = draw(conditioning(1), conditioning(1), options(7, 4, 5));
    byte[] a = plain.rgb();
    byte[] b = guided.rgb();
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i] & 0xff, b[i] & 0xff, 1);
    }
  }

  @Test
  void generate_eightThreads_giveWhatOneGives() throws Exception {
    List<Pixels> alone = new ArrayList<>();
    for (int seed = 0; seed < 8; seed++) {
      alone.add(draw(conditioning(1), zeros(), options(seed, 3, 2)));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Pixels>> together = new ArrayList<>();
      for (int seed = 0; seed < 8; seed++) {
        DenoiseOptions how = options(seed, 3, 2);
        together.add(threads.submit(() -> draw(conditioning(1), zeros(), how)));
      }
      for (int seed = 0; seed < 8; seed++) {
        assertEquals(alone.get(seed), together.get(seed).get());
      }
    }
  }

  @Test
  void generate_everyStep_isReportedOnce() {
    List<String> steps = new ArrayList<>();
    diffusion.generate(
        List.of(new WeightedPrompt(conditioning(1), 1)),
        zeros(),
        Optional.empty(),
        options(7, 3, 2),
        (done, of) -> steps.add(done + "/" + of),
        Cancellation.NEVER);
    assertEquals(List.of("1/3", "2/3", "3/3"), steps);
  }

  @Test
  void generate_cancelledDuringAStep_stopsBeforeTheNext() {
    AtomicInteger done = new AtomicInteger();
    Denoised result =
        diffusion.generate(
            List.of(new WeightedPrompt(conditioning(1), 1)),
            zeros(),
            Optional.empty(),
            options(7, 50, 2),
            (step, _) -> done.set(step),
            () -> done.get() == 2);
    assertEquals(new Denoised.Cancelled(2), result);
  }

  @Test
  void generate_cancelledBeforehand_runsNothing() {
    assertEquals(
        new Denoised.Cancelled(0),
        diffusion.generate(
            List.of(new WeightedPrompt(conditioning(1), 1)),
            zeros(),
            Optional.empty(),
            options(7, 5, 2),
            StepListener.NONE,
            () -> true));
  }

  @Test
  void generate_draftForANetThatReadsNone_isRefused() {
    int side = bundle.manifest().diffusion().imageSize();
    Draft draft = new Draft(Pixels.of(side, side, new byte[3 * side * side]), List.of());
    assertFalse(diffusion.readsDrafts());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            diffusion.generate(
                List.of(new WeightedPrompt(conditioning(1), 1)),
                zeros(),
                Optional.of(draft),
                options(7, 1, 2),
                StepListener.NONE,
                Cancellation.NEVER));
  }

  @Test
  void generate_schedulerOfAnotherModel_isRefused() {
    DenoiseOptions how = new DenoiseOptions(1, 4, 2, Scheduler.DDIM);
    assertThrows(IllegalArgumentException.class, () -> draw(conditioning(1), zeros(), how));
  }

  @Test
  void guide_two_isTwiceAsFarFromTheUnconditional() {
    List<WeightedPrompt> one = List.of(new WeightedPrompt(zeros(), 1));
    assertArrayEquals(new float[] {5, 0}, Guidance.of(one, 2).apply(new float[] {1, 4, 3, 2}), 0f);
  }

  @Test
  void pixels_planesFromMinusOneToOne_becomeLevels() {
    Pixels picture = Diffusion.pixels(new float[] {-1, 0, 1, -3, 0.5f, 9}, 2, 1);
    assertArrayEquals(
        new byte[] {0, (byte) 255, (byte) 191, (byte) 128, 0, (byte) 255}, picture.rgb());
  }
}
