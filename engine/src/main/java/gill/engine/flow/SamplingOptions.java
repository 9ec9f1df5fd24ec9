package gill.engine.flow;

/// How the next token is drawn.
///
/// @param temperature 0 = greedy; at most 2
/// @param topP nucleus mass in (0, 1]
/// @param repetitionPenalty 1 = none; logits of tokens the answer already has are divided
///   (positive) or multiplied (negative) by it
/// @param maxTokens at most so many text tokens are decoded
/// @param imgBias added to the logit of [IMG0] on top of the bundle's own bias; 0 = as trained,
///   positive = more images
/// @param maxImages images an answer may have, 1 to 8; it ends with the last of them, and the text
///   after each of the others is part of it
/// @param seed same seed, same text
public record SamplingOptions(
    double temperature,
    double topP,
    double repetitionPenalty,
    int maxTokens,
    double imgBias,
    int maxImages,
    long seed) {
  public static final SamplingOptions DEFAULT = new SamplingOptions(0.6, 0.9, 1.15, 96, 0, 1, 1337);

  public SamplingOptions {
    if (!(temperature >= 0 && temperature <= 2)) {
      throw new IllegalArgumentException("temperature must be in [0, 2], got " + temperature);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top_p must be in (0, 1], got " + topP);
    }
    if (!(repetitionPenalty >= 0.5 && repetitionPenalty <= 2)) {
      throw new IllegalArgumentException(
          "repetition_penalty must be in [0.5, 2], got " + repetitionPenalty);
    }
    if (maxTokens < 1 || maxTokens > 4096) {
      throw new IllegalArgumentException("max_tokens must be in [1, 4096], got " + maxTokens);
    }
    if (!(Math.abs(imgBias) <= 1000)) {
      throw new IllegalArgumentException("img_bias must be in [-1000, 1000], got " + imgBias);
    }
    if (maxImages < 1 || maxImages > 8) {
      throw new IllegalArgumentException("max_images must be in [1, 8], got " + maxImages);
    }
  }
}
