package gill.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.InferenceException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class InferenceGateTest {
  @Test
  void call_runsOnAPlatformThreadOfTheGate() {
    try (InferenceGate gate = new InferenceGate(1, 1)) {
      assertFalse(gate.call(() -> Thread.currentThread().isVirtual()));
      assertTrue(gate.call(() -> Thread.currentThread().getName().startsWith("inference-")));
    }
  }

  @Test
  void call_passesOnWhatTheTaskThrows() {
    try (InferenceGate gate = new InferenceGate(1, 1)) {
      assertThrows(
          IllegalStateException.class,
          () ->
              gate.call(() -> {
                throw new IllegalStateException("broken");
              }));
      InferenceException wrapped =
          assertThrows(
              InferenceException.class,
              () ->
                  gate.call(() -> {
                    throw new IOException("disk");
                  }));
      assertTrue(wrapped.getMessage().contains("disk"));
    }
  }

  @Test
  void call_whenTooManyWait_isRefused() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (InferenceGate gate = new InferenceGate(1, 1);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var running =
          callers.submit(() ->
              gate.call(() -> {
                started.countDown();
                release.await();
                return "first";
              }));
      started.await();
      var waiting = callers.submit(() -> gate.call(() -> "second"));
      while (gate.waiting() == 0) {
        Thread.onSpinWait();
      }
      InferenceException refused =
          assertThrows(InferenceException.class, () -> gate.call(() -> "third"));
      assertEquals(InferenceException.Reason.OVERLOADED, refused.reason());
      assertEquals(1, gate.running());
      release.countDown();
      assertEquals("first", running.get());
      assertEquals("second", waiting.get());
    }
  }

  @Test
  void call_ofAClosedGate_isRefused() {
    InferenceGate gate = new InferenceGate(1, 1);
    gate.close();
    assertThrows(InferenceException.class, () -> gate.call(() -> 1));
  }
}
