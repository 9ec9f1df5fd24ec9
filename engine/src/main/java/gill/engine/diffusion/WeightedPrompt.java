package gill.engine.diffusion;

import gill.engine.flow.Conditioning;

/// One of the things guidance leads to.
///
/// @param weight its share, in (0, 1]
public record WeightedPrompt(Conditioning conditioning, double weight) {
  public WeightedPrompt {
    if (!(weight > 0 && weight <= 1)) {
      throw new IllegalArgumentException("a prompt's weight must be in (0, 1], got " + weight);
    }
  }
}
