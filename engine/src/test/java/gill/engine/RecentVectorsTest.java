package gill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gill.engine.flow.UnitVector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentVectorsTest {
  private final List<String> encoded = new ArrayList<>();
  private final RecentVectors vectors =
      new RecentVectors(
          2,
          text -> {
            encoded.add(text);
            if (text.isEmpty()) {
              throw new IllegalStateException("full");
            }
            return UnitVector.normalise(new float[] {1, text.length()});
          });

  @Test
  void textSeenLately_isNotEncodedAgain_theOldestIsForgotten() {
    UnitVector first = vectors.of("a");
    vectors.of("bb");
    assertEquals(first, vectors.of("a"));
    vectors.of("ccc");
    vectors.of("a");
    vectors.of("bb");
    assertEquals(List.of("a", "bb", "ccc", "bb"), encoded);
  }

  @Test
  void refusal_isNotKept() {
    assertThrows(IllegalStateException.class, () -> vectors.of(""));
    assertThrows(IllegalStateException.class, () -> vectors.of(""));
    assertEquals(2, encoded.size());
  }
}
