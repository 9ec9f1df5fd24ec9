package gill.engine.dialogue;

import gill.engine.flow.StageTimings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Wall-clock milliseconds per stage of one request. Stages that run twice add up. Used by one
/// thread.
final class StageTimer {
  private final long started = System.nanoTime();
  private final Map<String, Double> milliseconds = new LinkedHashMap<>();

  <T> T time(String stage, Supplier<T> work) {
    long start = System.nanoTime();
    try {
      return work.get();
    } finally {
      add(stage, (System.nanoTime() - start) / 1e6);
    }
  }

  void add(String stage, double millis) {
    milliseconds.merge(stage, millis, Double::sum);
  }

  /// Notes the time since the request began, once.
  void mark(String stage) {
    milliseconds.putIfAbsent(stage, (System.nanoTime() - started) / 1e6);
  }

  StageTimings timings() {
    Map<String, Double> all = new LinkedHashMap<>(milliseconds);
    all.put("total", (System.nanoTime() - started) / 1e6);
    return new StageTimings(all);
  }
}
