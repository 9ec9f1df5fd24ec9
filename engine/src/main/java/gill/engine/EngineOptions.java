package gill.engine;

/// How an engine is run.
///
/// @param threads native threads per model call; 0 = all cores
/// @param queueLimit requests that may wait for the models, beside the one they work on; one more
///   is refused
/// @param imageCacheBytes memory for visual tokens and generated pictures
/// @param maxSessions conversations kept; the longest unused goes
public record EngineOptions(int threads, int queueLimit, long imageCacheBytes, int maxSessions) {
  public static final EngineOptions DEFAULT = new EngineOptions(0, 15, 64L << 20, 1000);
}
