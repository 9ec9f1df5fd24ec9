package gill.web.access;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/// A bucket of requests for each caller: full at first, refilled evenly. Callers not seen for
/// longest are forgotten first. Safe for use by many threads.
public final class RateLimits {
  private static final int MOST_CALLERS = 10_000;
  // What a request costs: a minute's milliseconds, so that all sums are whole numbers.
  private static final long COST = 60_000;

  private final int perMinute;
  private final InstantSource clock;
  private final LinkedHashMap<String, Bucket> buckets =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MOST_CALLERS;
        }
      };

  /// @param credit each millisecond brings as many as requests are allowed in a minute
  private record Bucket(long credit, long millis) {}

  /// @param perMinute requests of one caller in a minute, also at once; 0 = no limit
  public RateLimits(int perMinute, InstantSource clock) {
    if (perMinute < 0) {
      throw new IllegalArgumentException("a rate is at least 0, got " + perMinute);
    }
    this.perMinute = perMinute;
    this.clock = clock;
  }

  /// Takes one request; zero if it may go on, else how long to wait for the next.
  public synchronized Duration take(String caller) {
    if (perMinute == 0) {
      return Duration.ZERO;
    }
    long now = clock.millis();
    long full = perMinute * COST;
    Bucket bucket = buckets.getOrDefault(caller, new Bucket(full, now));
    // After a minute a bucket is full, however long ago it was used.
    long elapsed = Math.clamp(now - bucket.millis(), 0, COST);
    long credit = Math.min(full, bucket.credit() + elapsed * perMinute);
    boolean granted = credit >= COST;
    buckets.put(caller, new Bucket(granted ? credit - COST : credit, now));
    return granted ? Duration.ZERO : Duration.ofMillis((COST - credit + perMinute - 1) / perMinute);
  }
}
