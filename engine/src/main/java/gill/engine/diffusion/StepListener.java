package gill.engine.diffusion;

import gill.engine.flow.Pixels;
import java.util.function.Supplier;

/// Told after each denoising step, on the denoising thread.
@FunctionalInterface
public interface StepListener {
  StepListener NONE = (_, _) -> {};

  /// Step `done` of `of` is done, 1-based.
  void stepDone(int done, int of);

  /// The same; `soFar` decodes what the picture looks like by now, which takes its time.
  default void stepDone(int done, int of, Supplier<Pixels> soFar) {
    stepDone(done, of);
  }
}
