package gill.engine.flow;

/// What the image generator listens to: `[L][C]`, e.g. [77][768] for Stable Diffusion.
public record Conditioning(Matrix states) {}
