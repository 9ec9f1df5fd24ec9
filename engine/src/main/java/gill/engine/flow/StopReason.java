package gill.engine.flow;

/// Why decoding ended.
public enum StopReason {
  END_OF_TURN,
  MAX_TOKENS,
  CONTEXT_FULL,
  CANCELLED
}
