package gill.engine.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.SessionId;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionsTest {
  @Test
  void get_afterPut_isWhatWasPut() {
    Sessions<String> sessions = sessions(10, 1000, Duration.ofHours(1));
    sessions.put(id(1), "hello");
    assertEquals(Optional.of("hello"), sessions.get(id(1)));
    assertEquals(Optional.empty(), sessions.get(id(2)));
  }

  @Test
  void put_moreThanMost_keepsMost() {
    Sessions<String> sessions = sessions(10, 1000, Duration.ofHours(1));
    for (int i = 0; i < 50; i++) {
      sessions.put(id(i), "x");
    }
    assertTrue(sessions.count() <= 10, "kept " + sessions.count());
  }

  @Test
  void put_moreThanMaxBytes_forgetsSome() {
    Sessions<String> sessions = sessions(100, 1000, Duration.ofHours(1));
    for (int i = 0; i < 20; i++) {
      sessions.put(id(i), "x".repeat(300));
    }
    assertTrue(sessions.count() <= 3, "kept " + sessions.count());
  }

  @Test
  void get_afterIdleTime_isForgotten() {
    Sessions<String> sessions = sessions(10, 1000, Duration.ZERO);
    sessions.put(id(1), "hello");
    assertEquals(Optional.empty(), sessions.get(id(1)));
  }

  private static Sessions<String> sessions(int most, long maxBytes, Duration idle) {
    return new Sessions<>(most, maxBytes, idle, String::length);
  }

  private static SessionId id(int number) {
    return new SessionId("session-" + number);
  }
}
