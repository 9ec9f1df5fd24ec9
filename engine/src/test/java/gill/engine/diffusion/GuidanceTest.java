package gill.engine.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gill.engine.flow.Conditioning;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuidanceTest {
  private static WeightedPrompt prompt(double weight) {
    return new WeightedPrompt(Diffusion.zeros(1, 1), weight);
  }

  @Test
  void apply_twoPrompts_leadsToTheirWeightedMean() {
    Guidance guidance = Guidance.of(List.of(prompt(0.25), prompt(0.75)), 2);
    // unconditional 1; prompts 3 and 7: mean 6, twice as far from 1
    assertArrayEquals(new float[] {11}, guidance.apply(new float[] {1, 3, 7}), 1e-6f);
  }

  @Test
  void apply_scaleOne_isTheMeanItself_withoutARowForNothing() {
    Guidance guidance = Guidance.of(List.of(prompt(0.5), prompt(0.5)), 1);
    assertEquals(2, guidance.rows(new Conditioning(Diffusion.zeros(1, 1).states())).size());
    assertArrayEquals(new float[] {5, 4}, guidance.apply(new float[] {3, 0, 7, 8}), 1e-6f);
  }

  @Test
  void of_weightsThatDoNotSumUpToOne_areRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Guidance.of(List.of(prompt(0.5), prompt(0.6)), 2));
    assertThrows(IllegalArgumentException.class, () -> prompt(0));
  }
}
