package gill.engine.diffusion;

/// One denoising's path from noise to picture, step by step. Latents are flat f32 arrays of any
/// shape; inputs are not changed.
interface Schedule {
  int steps();

  /// What the net is told about the noise before step `index`, 0…1000.
  float timestep(int index);

  /// The standard deviation of the latents before the first step.
  float initialDeviation();

  /// What the net sees of `latents` before step `index`.
  float[] modelInput(int index, float[] latents);

  /// The picture's latents as they look at step `index`, without the noise that is still in them.
  float[] picture(int index, float[] latents, float[] output);

  /// The latents after step `index`, given what the net said.
  float[] next(int index, float[] latents, float[] output);
}
