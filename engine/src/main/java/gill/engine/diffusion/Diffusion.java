package gill.engine.diffusion;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Conditioning;
import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest.DiffusionSpec;
import gill.engine.runtime.ConfigFile;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.OnnxModel;
import gill.engine.runtime.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Draws a picture: latent diffusion with classifier-free guidance (paper §3.3, the generator).
///
/// One call is one picture from one seed; n candidates are n calls. Safe for use by many threads.
/// Closes nothing: the models belong to the bundle.
public final class Diffusion {
  private final DiffusionSpec spec;
  private final ConfigFile schedulerConfig;
  private final OnnxModel unet;
  private final OnnxModel decoder;
  private final @Nullable OnnxModel encoder;

  public Diffusion(Bundle bundle) {
    this.spec = bundle.manifest().diffusion();
    this.schedulerConfig = ConfigFile.read(bundle.file("scheduler/scheduler_config.json"));
    this.unet = bundle.model("unet/model.onnx");
    this.decoder = bundle.model("vae_decoder/model.onnx");
    this.encoder = spec.drafts() ? bundle.model("vae_encoder/model.onnx") : null;
    scheduler(""); // a configuration that cannot be used is a fault of the bundle, found now
  }

  /// The scheduler a name stands for; empty = the bundle's own. Throws [IllegalArgumentException]
  /// naming the possible ones.
  public Scheduler scheduler(String className) {
    return Scheduler.read(schedulerConfig, className.isEmpty() ? spec.scheduler() : className);
  }

  /// The conditioning that says nothing, where the bundle asks for zeros.
  public static Conditioning zeros(int length, int dimension) {
    return new Conditioning(Matrix.of(length, dimension, new float[length * dimension]));
  }

  /// True if [#generate] makes use of a draft.
  public boolean readsDrafts() {
    return encoder != null;
  }

  /// Draws one picture. Guidance leads to the weighted mean of what the net says of each of
  /// `prompts` (composed diffusion, Liu et al. 2022). `draft` is what it may lean on; a bundle that
  /// [reads none][#readsDrafts] takes none. `unconditional` (or a negative prompt) is what guidance
  /// leads away from; it is not looked at when guidance is 1. A cancellation is noticed before each
  /// step.
  public Denoised generate(
      List<WeightedPrompt> prompts,
      Conditioning unconditional,
      Optional<Draft> draft,
      DenoiseOptions options,
      StepListener listener,
      Cancellation cancellation) {
    float[] noise = GaussianNoise.of(options.seed(), latentCount());
    return denoise(noise, prompts, unconditional, draft, options, listener, cancellation);
  }

  /// The denoising loop, from standard normal `noise` on.
  Denoised denoise(
      float[] noise,
      List<WeightedPrompt> prompts,
      Conditioning unconditional,
      Optional<Draft> draft,
      DenoiseOptions options,
      StepListener listener,
      Cancellation cancellation) {
    Optional<DraftInputs> drafted = draftInputs(draft);
    Schedule schedule = scheduler(options.scheduler()).schedule(options.steps());
    Guidance guidance = Guidance.of(prompts, options.guidance());
    FloatTensor states = batch(guidance.rows(unconditional));
    float[] latents = scaled(noise, schedule.initialDeviation());
    for (int step = 0; step < schedule.steps(); step++) {
      if (cancellation.isCancelled()) {
        return new Denoised.Cancelled(step);
      }
      float[] input = schedule.modelInput(step, latents);
      float[] output = guidance.apply(predict(input, schedule.timestep(step), states, drafted));
      float[] said = output;
      float[] before = latents;
      int now = step;
      latents = schedule.next(step, latents, output);
      listener.stepDone(
          step + 1, schedule.steps(), () -> decode(schedule.picture(now, before, said), drafted));
    }
    if (cancellation.isCancelled()) {
      return new Denoised.Cancelled(schedule.steps());
    }
    return new Denoised.Picture(decode(latents, drafted), options);
  }

  private Optional<DraftInputs> draftInputs(Optional<Draft> draft) {
    if (encoder != null) {
      return Optional.of(DraftInputs.of(draft, spec, encoder));
    }
    if (draft.isPresent()) {
      throw new IllegalArgumentException("this bundle's generator reads no drafts");
    }
    return Optional.empty();
  }

  /// The net's answer for each row of `states`, all looking at the same latents.
  private float[] predict(
      float[] latents, float timestep, FloatTensor states, Optional<DraftInputs> drafted) {
    int rows = (int) states.shape()[0];
    float[] samples = new float[rows * latents.length];
    float[] timesteps = new float[rows];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(latents, 0, samples, row * latents.length, latents.length);
      timesteps[row] = timestep;
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("sample", latentTensor(samples, rows));
    inputs.put("timestep", FloatTensor.of(timesteps, rows));
    inputs.put("encoder_hidden_states", states);
    drafted.ifPresent(some -> inputs.putAll(some.ofDenoiser(rows)));
    return unet.run(inputs, "out_sample").data();
  }

  /// From latents to a picture, through the decoder of the autoencoder.
  Pixels decode(float[] latents, Optional<DraftInputs> drafted) {
    float[] input = new float[latents.length];
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) (latents[i] / spec.scalingFactor() + spec.shiftFactor());
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("latent_sample", latentTensor(input, 1));
    drafted.ifPresent(some -> inputs.putAll(some.ofDecoder(decoder)));
    FloatTensor picture = decoder.run(inputs, "sample");
    int height = (int) picture.shape()[2];
    int width = (int) picture.shape()[3];
    return pixels(picture.data(), width, height);
  }

  /// Planes in [-1, 1] to interleaved 8-bit RGB.
  static Pixels pixels(float[] planes, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int channel = 0; channel < 3; channel++) {
      for (int i = 0; i < width * height; i++) {
        float level = Math.clamp(planes[channel * width * height + i] / 2 + 0.5f, 0f, 1f) * 255;
        rgb[3 * i + channel] = (byte) Math.round(level);
      }
    }
    return Pixels.of(width, height, rgb);
  }

  private int latentCount() {
    return spec.latentChannels() * spec.latentSize() * spec.latentSize();
  }

  private FloatTensor latentTensor(float[] values, int rows) {
    return FloatTensor.of(
        values, rows, spec.latentChannels(), spec.latentSize(), spec.latentSize());
  }

  private static FloatTensor batch(List<Matrix> rows) {
    int length = rows.getFirst().rows();
    int dimension = rows.getFirst().columns();
    float[] values = new float[rows.size() * length * dimension];
    for (int i = 0; i < rows.size(); i++) {
      Matrix row = rows.get(i);
      if (row.rows() != length || row.columns() != dimension) {
        throw new IllegalArgumentException("conditionings differ: " + rows);
      }
      System.arraycopy(row.toArray(), 0, values, i * length * dimension, length * dimension);
    }
    return FloatTensor.of(values, rows.size(), length, dimension);
  }

  private static float[] scaled(float[] values, float factor) {
    float[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] *= factor;
    }
    return result;
  }
}
