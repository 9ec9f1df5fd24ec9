package gill.engine.flow;

/// Tokens read and written.
///
/// @param promptTokens positions the prompt takes
/// @param cachedTokens those of them the model had read before, for other answers
/// @param completionTokens text tokens written
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {
  public Usage {
    if (cachedTokens < 0 || cachedTokens > promptTokens || completionTokens < 0) {
      throw new IllegalArgumentException(
          "no such usage: %d prompt tokens, %d of them cached, %d written"
              .formatted(promptTokens, cachedTokens, completionTokens));
    }
  }
}
