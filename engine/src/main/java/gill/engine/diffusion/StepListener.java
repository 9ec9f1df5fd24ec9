package gill.engine.diffusion;

/// Told after each denoising step, on the denoising thread.
@FunctionalInterface
public interface StepListener {
  StepListener NONE = (_, _) -> {};

  /// Step `done` of `of` is done, 1-based.
  void stepDone(int done, int of);
}
