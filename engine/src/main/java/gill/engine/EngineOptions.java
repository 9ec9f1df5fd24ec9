package gill.engine;

import java.time.Duration;

/// How an engine is run.
///
/// @param threads native threads per model call; 0 = all cores
/// @param queueLimit requests that may wait for the models; one more is refused
/// @param imageCacheBytes memory for visual tokens and generated pictures
/// @param maxSessions conversations kept
/// @param sessionIdle a conversation not used for so long is forgotten
public record EngineOptions(
    int threads, int queueLimit, long imageCacheBytes, int maxSessions, Duration sessionIdle) {
  public static final EngineOptions DEFAULT =
      new EngineOptions(0, 16, 64L << 20, 1000, Duration.ofHours(6));
}
