package gill.engine.dialogue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import gill.engine.flow.SessionId;
import java.time.Duration;

/// The conversations kept in memory, bounded by count and idle time. Safe for use by many threads.
///
/// Two turns of one conversation that run at the same time both start from the session as it was;
/// the one that ends last is kept.
public final class Sessions {
  private final Cache<SessionId, Session> cache;

  public Sessions(int maxSessions, Duration idle) {
    this.cache = Caffeine.newBuilder().maximumSize(maxSessions).expireAfterAccess(idle).build();
  }

  /// The session of that name, an empty one if it is new or forgotten.
  public Session get(SessionId id) {
    Session found = cache.getIfPresent(id);
    return found == null ? Session.empty(id) : found;
  }

  public void put(Session session) {
    cache.put(session.id(), session);
  }

  public void remove(SessionId id) {
    cache.invalidate(id);
  }

  /// How many are kept, about.
  public long count() {
    return cache.estimatedSize();
  }
}
