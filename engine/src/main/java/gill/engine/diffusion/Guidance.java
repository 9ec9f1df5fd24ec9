package gill.engine.diffusion;

import gill.engine.flow.Conditioning;
import gill.engine.flow.Matrix;
import java.util.ArrayList;
import java.util.List;

/// Classifier-free guidance towards one prompt or the weighted mean of several.
///
/// @param scale 1 = the prompts as they are, with no row for the unconditional answer
record Guidance(List<WeightedPrompt> prompts, double scale) {
  private static final double ROUNDING = 1e-6;

  /// Throws [IllegalArgumentException] unless the weights sum up to 1.
  static Guidance of(List<WeightedPrompt> prompts, double scale) {
    double sum = prompts.stream().mapToDouble(WeightedPrompt::weight).sum();
    if (Math.abs(sum - 1) > ROUNDING) {
      throw new IllegalArgumentException("the prompts' weights must sum up to 1, got " + sum);
    }
    return new Guidance(List.copyOf(prompts), scale);
  }

  private boolean guided() {
    return scale != 1;
  }

  /// What the net listens to: row by row, the unconditional one first if there is any.
  List<Matrix> rows(Conditioning unconditional) {
    List<Matrix> rows = new ArrayList<>();
    if (guided()) {
      rows.add(unconditional.states());
    }
    prompts.forEach(prompt -> rows.add(prompt.conditioning().states()));
    return rows;
  }

  /// One answer of the net's answers to all rows.
  float[] apply(float[] answers) {
    int first = guided() ? 1 : 0;
    int size = answers.length / (first + prompts.size());
    float[] led = new float[size];
    for (int row = 0; row < prompts.size(); row++) {
      float weight = (float) prompts.get(row).weight();
      int from = (first + row) * size;
      for (int i = 0; i < size; i++) {
        led[i] += weight * answers[from + i];
      }
    }
    if (guided()) {
      for (int i = 0; i < size; i++) {
        led[i] = answers[i] + (float) scale * (led[i] - answers[i]);
      }
    }
    return led;
  }
}
