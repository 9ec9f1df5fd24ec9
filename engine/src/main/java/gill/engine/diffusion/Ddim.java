package gill.engine.diffusion;

import gill.engine.runtime.ConfigFile;
import java.util.List;

/// Deterministic DDIM (Song et al. 2021, formula 12 with η = 0).
///
/// @param lastAlpha ᾱ after the last step
/// @param clip the predicted picture is kept within ± this; infinite = not clipped
public record Ddim(NoiseSchedule noise, float lastAlpha, float clip) implements Scheduler {
  static Ddim read(ConfigFile config) {
    Scheduler.refuse(config, "thresholding");
    NoiseSchedule noise = NoiseSchedule.read(config, NoiseSchedule.Spacing.LEADING);
    return new Ddim(
        noise,
        config.flag("set_alpha_to_one", true) ? 1 : noise.alphasCumprod()[0],
        config.flag("clip_sample", true)
            ? (float) config.number("clip_sample_range", 1)
            : Float.POSITIVE_INFINITY);
  }

  @Override
  public String className() {
    return DDIM;
  }

  @Override
  public List<String> alternatives() {
    return List.of(DDIM, EULER_DISCRETE);
  }

  @Override
  public Schedule schedule(int steps) {
    double[] visited = noise.timesteps(steps);
    int stride = noise.trainTimesteps() / steps;
    int[] timesteps = new int[steps];
    float[] alphas = new float[steps];
    float[] nextAlphas = new float[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = Math.clamp((int) Math.rint(visited[i]), 0, noise.trainTimesteps() - 1);
      int next = timesteps[i] - stride;
      alphas[i] = noise.alphasCumprod()[timesteps[i]];
      nextAlphas[i] = next >= 0 ? noise.alphasCumprod()[next] : lastAlpha;
    }
    return new Path(timesteps, alphas, nextAlphas, noise.prediction(), clip);
  }

  private record Path(
      int[] timesteps,
      float[] alphas,
      float[] nextAlphas,
      NoiseSchedule.Prediction prediction,
      float clip)
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
    public float initialDeviation() {
      return 1;
    }

    @Override
    public float[] modelInput(int index, float[] latents) {
      return latents;
    }

    @Override
    public float[] next(int index, float[] latents, float[] output) {
      float signal = (float) Math.sqrt(alphas[index]);
      float noise = (float) Math.sqrt(1 - alphas[index]);
      float nextSignal = (float) Math.sqrt(nextAlphas[index]);
      float nextNoise = (float) Math.sqrt(1 - nextAlphas[index]);
      float[] pictures = picture(index, latents, output);
      float[] next = new float[latents.length];
      for (int i = 0; i < next.length; i++) {
        float picture = pictures[i];
        float direction =
            switch (prediction) {
              case EPSILON -> output[i];
              case V_PREDICTION -> signal * output[i] + noise * latents[i];
              case SAMPLE -> (latents[i] - signal * picture) / noise;
            };
        next[i] = nextSignal * Math.clamp(picture, -clip, clip) + nextNoise * direction;
      }
      return next;
    }

    @Override
    public float[] picture(int index, float[] latents, float[] output) {
      float signal = (float) Math.sqrt(alphas[index]);
      float noise = (float) Math.sqrt(1 - alphas[index]);
      float[] picture = new float[latents.length];
      for (int i = 0; i < picture.length; i++) {
        picture[i] =
            switch (prediction) {
              case EPSILON -> (latents[i] - noise * output[i]) / signal;
              case V_PREDICTION -> signal * latents[i] - noise * output[i];
              case SAMPLE -> output[i];
            };
      }
      return picture;
    }
  }
}
