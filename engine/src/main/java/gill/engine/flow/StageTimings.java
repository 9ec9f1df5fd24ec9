package gill.engine.flow;

import java.util.LinkedHashMap;
import java.util.Map;

/// Milliseconds per stage, in the order the stages ran.
public record StageTimings(Map<String, Double> milliseconds) {
  public StageTimings {
    milliseconds = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(milliseconds));
  }
}
