package gill.engine.diffusion;

import gill.engine.flow.Pixels;

/// What became of a denoising.
public sealed interface Denoised {
  /// It ran to its end.
  record Picture(Pixels pixels, DenoiseOptions options) implements Denoised {}

  /// The caller no longer wanted it after `stepsDone` steps.
  record Cancelled(int stepsDone) implements Denoised {}
}
