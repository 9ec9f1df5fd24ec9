package gill.engine.dialogue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import gill.engine.flow.SessionId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.ToLongFunction;

/// What conversations remember, bounded by count, bytes and idle time. Safe for use by many
/// threads.
///
/// Two turns of one conversation that run at the same time both start from what was remembered; the
/// one that ends last is kept.
///
/// @param <S> what is remembered of a conversation: an immutable value
public final class Sessions<S> {
  private final Cache<SessionId, S> cache;

  /// @param most conversations kept
  /// @param maxBytes of all together
  /// @param idle a conversation not used for so long is forgotten
  /// @param bytes of one conversation
  public Sessions(int most, long maxBytes, Duration idle, ToLongFunction<S> bytes) {
    // Every conversation weighs at least its share of the whole, so that the one bound on weight
    // bounds the count too.
    long share = Math.max(1, maxBytes / most);
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((SessionId id, S session) ->
                (int) Math.clamp(bytes.applyAsLong(session), share, Integer.MAX_VALUE))
            .expireAfterAccess(idle)
            .build();
  }

  /// What is remembered under that name; empty if it is new or forgotten.
  public Optional<S> get(SessionId id) {
    return Optional.ofNullable(cache.getIfPresent(id));
  }

  public void put(SessionId id, S session) {
    cache.put(id, session);
  }

  /// How many are kept.
  public long count() {
    cache.cleanUp();
    return cache.estimatedSize();
  }
}
