package gill.engine;

import gill.engine.flow.UnitVector;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// The vectors of the texts that were last searched for: the next page, another filter and another
/// order look for the same text again. Safe for use by many threads.
final class RecentVectors {
  private final int most;
  private final Function<String, UnitVector> encoder;
  private final Map<String, UnitVector> recent = new LinkedHashMap<>(16, 0.75f, true);

  /// @param most texts kept
  RecentVectors(int most, Function<String, UnitVector> encoder) {
    this.most = most;
    this.encoder = encoder;
  }

  UnitVector of(String text) {
    synchronized (recent) {
      UnitVector known = recent.get(text);
      if (known != null) {
        return known;
      }
    }
    UnitVector vector = encoder.apply(text);
    synchronized (recent) {
      recent.put(text, vector);
      if (recent.size() > most) {
        recent.remove(recent.keySet().iterator().next());
      }
    }
    return vector;
  }
}
