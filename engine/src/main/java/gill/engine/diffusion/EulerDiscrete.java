package gill.engine.diffusion;

import gill.engine.runtime.ConfigFile;
import java.util.List;

/// Euler steps along σ = √((1−ᾱ)/ᾱ) (Karras et al. 2022, algorithm 2 without churn).
///
/// @param finalSigma σ after the last step
public record EulerDiscrete(NoiseSchedule noise, float finalSigma) implements Scheduler {
  static EulerDiscrete read(ConfigFile config) {
    Scheduler.refuse(config, "use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas");
    demand(config, "timestep_type", "discrete");
    demand(config, "interpolation_type", "linear");
    NoiseSchedule noise = NoiseSchedule.read(config, NoiseSchedule.Spacing.LINSPACE);
    boolean toZero = config.text("final_sigmas_type", "zero").equals("zero");
    return new EulerDiscrete(noise, toZero ? 0 : (float) sigma(noise.alphasCumprod()[0]));
  }

  private static void demand(ConfigFile config, String key, String value) {
    if (!config.text(key, value).equals(value)) {
      throw config.fault(key + " must be " + value);
    }
  }

  private static double sigma(float alpha) {
    return (float) Math.sqrt((1 - alpha) / alpha);
  }

  @Override
  public String className() {
    return EULER_DISCRETE;
  }

  @Override
  public List<String> alternatives() {
    return List.of(DDIM, EULER_DISCRETE);
  }

  @Override
  public Schedule schedule(int steps) {
    double[] visited = noise.timesteps(steps);
    float[] timesteps = new float[steps];
    float[] sigmas = new float[steps + 1];
    float largest = finalSigma;
    for (int i = 0; i < steps; i++) {
      timesteps[i] = (float) visited[i];
      sigmas[i] = (float) sigmaAt(timesteps[i]);
      largest = Math.max(largest, sigmas[i]);
    }
    sigmas[steps] = finalSigma;
    float deviation =
        noise.spacing() == NoiseSchedule.Spacing.LEADING
            ? (float) Math.sqrt((double) largest * largest + 1)
            : largest;
    return new Path(timesteps, sigmas, deviation, noise.prediction());
  }

  /// σ between two trained timesteps lies on the line between theirs.
  private double sigmaAt(float timestep) {
    float[] alphas = noise.alphasCumprod();
    int below = Math.clamp((int) Math.floor(timestep), 0, alphas.length - 1);
    int above = Math.min(below + 1, alphas.length - 1);
    double along = timestep - below;
    return sigma(alphas[below]) + along * (sigma(alphas[above]) - sigma(alphas[below]));
  }

  private record Path(
      float[] timesteps,
      float[] sigmas,
      float initialDeviation,
      NoiseSchedule.Prediction prediction)
      implements Schedule {
    @Override
    public int steps() {
      return timesteps.length;
    }

    @Override
    public float timestep(int index) {
      return timesteps[index];
    }

    @Override
    public float[] modelInput(int index, float[] latents) {
      float scale = (float) Math.sqrt(sigmas[index] * sigmas[index] + 1);
      float[] input = new float[latents.length];
      for (int i = 0; i < input.length; i++) {
        input[i] = latents[i] / scale;
      }
      return input;
    }

    @Override
    public float[] next(int index, float[] latents, float[] output) {
      float sigma = sigmas[index];
      float change = sigmas[index + 1] - sigma;
      float[] picture = picture(index, latents, output);
      float[] next = new float[latents.length];
      for (int i = 0; i < next.length; i++) {
        next[i] = latents[i] + (latents[i] - picture[i]) / sigma * change;
      }
      return next;
    }

    @Override
    public float[] picture(int index, float[] latents, float[] output) {
      float sigma = sigmas[index];
      float variance = sigma * sigma + 1;
      float outputScale = -sigma / (float) Math.sqrt(variance);
      float[] picture = new float[latents.length];
      for (int i = 0; i < picture.length; i++) {
        picture[i] =
            switch (prediction) {
              case EPSILON -> latents[i] - sigma * output[i];
              case V_PREDICTION -> output[i] * outputScale + latents[i] / variance;
              case SAMPLE -> output[i];
            };
      }
      return picture;
    }
  }
}
