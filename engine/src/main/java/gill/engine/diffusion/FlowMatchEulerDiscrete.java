package gill.engine.diffusion;

import gill.engine.runtime.ConfigFile;
import java.util.List;

/// Straight paths from noise to picture: x_σ = (1−σ)·x₀ + σ·z, the net predicts z − x₀.
///
/// @param trainTimesteps what σ = 1 is called towards the net
/// @param shift above 1 spends more steps where it is noisy
public record FlowMatchEulerDiscrete(int trainTimesteps, double shift) implements Scheduler {
  static FlowMatchEulerDiscrete read(ConfigFile config) {
    Scheduler.refuse(
        config,
        "use_dynamic_shifting",
        "invert_sigmas",
        "use_karras_sigmas",
        "use_exponential_sigmas",
        "use_beta_sigmas",
        "stochastic_sampling");
    if (config.has("shift_terminal")) {
      throw config.fault("shift_terminal is not supported, must be null");
    }
    return new FlowMatchEulerDiscrete(
        config.integer("num_train_timesteps", 1000), config.number("shift", 1));
  }

  @Override
  public String className() {
    return FLOW_MATCH_EULER_DISCRETE;
  }

  @Override
  public List<String> alternatives() {
    return List.of(FLOW_MATCH_EULER_DISCRETE);
  }

  private double shifted(double sigma) {
    return shift * sigma / (1 + (shift - 1) * sigma);
  }

  /// σ from 1 to the smallest one trained, evenly, shifted (the smallest twice, as in diffusers),
  /// then 0.
  @Override
  public Schedule schedule(int steps) {
    Scheduler.checkSteps(steps, trainTimesteps);
    double smallest = shifted(1.0 / trainTimesteps);
    float[] sigmas = new float[steps + 1];
    for (int i = 0; i < steps; i++) {
      double even = steps == 1 ? 1 : 1 + (smallest - 1) * i / (steps - 1);
      sigmas[i] = (float) shifted(even);
    }
    return new Path(sigmas, trainTimesteps);
  }

  private record Path(float[] sigmas, int trainTimesteps) implements Schedule {
    @Override
    public int steps() {
      return sigmas.length - 1;
    }

    @Override
    public float timestep(int index) {
      return sigmas[index] * trainTimesteps;
    }

    @Override
    public float initialDeviation() {
      return 1;
    }

    @Override
    public float[] modelInput(int index, float[] latents) {
      return latents;
    }

    @Override
    public float[] picture(int index, float[] latents, float[] output) {
      return moved(latents, output, -sigmas[index]);
    }

    @Override
    public float[] next(int index, float[] latents, float[] output) {
      return moved(latents, output, sigmas[index + 1] - sigmas[index]);
    }

    private static float[] moved(float[] latents, float[] output, float change) {
      float[] next = new float[latents.length];
      for (int i = 0; i < next.length; i++) {
        next[i] = latents[i] + change * output[i];
      }
      return next;
    }
  }
}
