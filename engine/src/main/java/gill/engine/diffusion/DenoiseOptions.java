package gill.engine.diffusion;

/// How one picture is drawn.
///
/// @param seed of the starting noise; same seed, same picture
/// @param steps denoising steps, at least 1
/// @param guidance classifier-free guidance; 1 = none
/// @param scheduler diffusers' class name; empty = the bundle's
public record DenoiseOptions(long seed, int steps, double guidance, String scheduler) {
  public DenoiseOptions {
    if (steps < 1) {
      throw new IllegalArgumentException("num_inference_steps must be at least 1, got " + steps);
    }
    if (!(guidance >= 1 && guidance <= 50)) {
      throw new IllegalArgumentException("guidance_scale must be in [1, 50], got " + guidance);
    }
  }
}
