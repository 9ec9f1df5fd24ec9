package gill.indexer.fetch;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// Gives out the times at which hosts may be asked, so that requests to one lie as far apart as it
/// wishes. Safe for use by many threads.
final class HostClock {
  private final Map<String, Long> next = new ConcurrentHashMap<>();

  /// Waits for the host's turn.
  void await(String host, Duration apart) throws InterruptedIOException {
    if (apart.isZero()) {
      return;
    }
    long now = System.nanoTime();
    long end =
        next.merge(
            host.toLowerCase(Locale.ROOT),
            now + apart.toNanos(),
            (before, _) -> Math.max(before, now) + apart.toNanos());
    long turn = end - apart.toNanos();
    while (System.nanoTime() < turn) {
      LockSupport.parkNanos(turn - System.nanoTime());
      if (Thread.interrupted()) {
        throw new InterruptedIOException("interrupted while waiting for " + host);
      }
    }
  }
}
