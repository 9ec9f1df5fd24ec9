package gill.engine.diffusion;

import gill.engine.runtime.ConfigFile;
import java.util.Locale;

/// How a β-trained model's picture fades into noise, and which of its levels a sampler visits.
///
/// @param alphasCumprod ᾱ per training timestep: the share of the picture's variance that is left
/// @param stepsOffset added to every timestep when the spacing is `leading`
record NoiseSchedule(
    float[] alphasCumprod, Prediction prediction, Spacing spacing, int stepsOffset) {

  /// What the net predicts.
  enum Prediction {
    EPSILON,
    V_PREDICTION,
    SAMPLE
  }

  /// How the visited timesteps lie among the trained ones.
  enum Spacing {
    LINSPACE,
    LEADING,
    TRAILING
  }

  static NoiseSchedule read(ConfigFile config, Spacing spacing) {
    Scheduler.refuse(config, "rescale_betas_zero_snr");
    if (config.has("trained_betas")) {
      throw config.fault("trained_betas is not supported, must be null");
    }
    return new NoiseSchedule(
        alphasCumprod(config),
        named(config, "prediction_type", Prediction.EPSILON),
        named(config, "timestep_spacing", spacing),
        config.integer("steps_offset", 0));
  }

  private static <E extends Enum<E>> E named(ConfigFile config, String key, E fallback) {
    String name = config.text(key, fallback.name()).toUpperCase(Locale.ROOT);
    for (E value : fallback.getDeclaringClass().getEnumConstants()) {
      if (value.name().equals(name)) {
        return value;
      }
    }
    throw config.fault(key + " has the unknown value " + name.toLowerCase(Locale.ROOT));
  }

  private static float[] alphasCumprod(ConfigFile config) {
    int steps = config.integer("num_train_timesteps", 1000);
    double start = config.number("beta_start", 0.0001);
    double end = config.number("beta_end", 0.02);
    String kind = config.text("beta_schedule", "linear");
    float[] cumulated = new float[steps];
    double product = 1;
    for (int t = 0; t < steps; t++) {
      double along = steps == 1 ? 0 : (double) t / (steps - 1);
      float beta =
          switch (kind) {
            case "linear" -> (float) (start + (end - start) * along);
            case "scaled_linear" -> {
              float root = (float) (Math.sqrt(start) + (Math.sqrt(end) - Math.sqrt(start)) * along);
              yield root * root;
            }
            case "squaredcos_cap_v2" ->
                (float) Math.min(1 - alphaBar(t + 1, steps) / alphaBar(t, steps), 0.999);
            default -> throw config.fault("beta_schedule has the unknown value " + kind);
          };
      product *= 1 - beta;
      cumulated[t] = (float) product;
    }
    return cumulated;
  }

  private static double alphaBar(int t, int steps) {
    double cosine = Math.cos(((double) t / steps + 0.008) / 1.008 * Math.PI / 2);
    return cosine * cosine;
  }

  int trainTimesteps() {
    return alphasCumprod.length;
  }

  /// The timesteps visited, noisiest first.
  double[] timesteps(int steps) {
    Scheduler.checkSteps(steps, trainTimesteps());
    double[] visited = new double[steps];
    for (int i = 0; i < steps; i++) {
      int last = steps - 1 - i;
      visited[i] =
          switch (spacing) {
            case LINSPACE -> steps == 1 ? 0 : (trainTimesteps() - 1.0) * last / (steps - 1);
            case LEADING -> (double) (trainTimesteps() / steps) * last + stepsOffset;
            case TRAILING ->
                Math.rint(trainTimesteps() - i * ((double) trainTimesteps() / steps)) - 1;
          };
    }
    return visited;
  }
}
