package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final AtomicLong clock = new AtomicLong();
  private final Pace pace = new Pace(1000, 0, clock::get);

  @Test
  void rate_isThatOfTheLastTenSeconds() {
    clock.set(Duration.ofSeconds(2).toNanos());
    assertEquals(50, pace.at(100, 0).perSecond(), 1e-9);
    assertEquals(Duration.ofSeconds(18), pace.at(100, 0).left());
    for (int second = 3; second <= 30; second++) {
      clock.set(Duration.ofSeconds(second).toNanos());
      pace.at(100 + 10L * (second - 2), 0);
    }
    clock.set(Duration.ofSeconds(31).toNanos());
    assertEquals(10, pace.at(390, 3).perSecond(), 0.2);
    assertEquals(61, pace.at(390, 3).left().toSeconds(), 2);
  }

  @Test
  void noTimePassed_nothingIsForetold() {
    assertEquals(0, pace.at(0, 0).perSecond());
    assertEquals(Duration.ZERO, pace.at(5, 0).left());
  }
}
