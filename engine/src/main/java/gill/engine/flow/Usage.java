package gill.engine.flow;

/// Tokens read and written.
public record Usage(int promptTokens, int completionTokens) {}
