package gill.engine.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FusionTest {
  @Test
  void of_bothFindIt_beatsWhatOneFindsAlone() {
    Hits one = new Hits(List.of(hit("cloud", 0.45), hit("umbrella", 0.40), hit("hut", 0.10)));
    Hits other = new Hits(List.of(hit("umbrella", 0.38), hit("peacock", 0.30), hit("boat", 0.20)));
    Hits fused = Fusion.of(one, other, 1);
    assertEquals(
        List.of("umbrella", "cloud", "peacock", "boat", "hut"),
        fused.bestFirst().stream().map(hit -> hit.id().value()).toList());
    assertEquals(0.39, fused.bestFirst().getFirst().score(), 1e-9);
  }

  @Test
  void of_nothingOnOneSide_isTheOther() {
    Hits one = new Hits(List.of(hit("a", 0.5)));
    assertEquals(one, Fusion.of(one, Hits.NONE, 1));
    assertEquals(one, Fusion.of(Hits.NONE, one, 1));
  }

  @Test
  void of_weightZero_isTheFirstAlone() {
    Hits one = new Hits(List.of(hit("a", 0.5)));
    Hits other = new Hits(List.of(hit("b", 0.9)));
    assertEquals(one, Fusion.of(one, other, 0));
  }

  @Test
  void of_ties_areInOrderOfId() {
    Hits one = new Hits(List.of(hit("b", 0.5), hit("a", 0.5)));
    assertEquals("a", Fusion.of(one, one, 1).bestFirst().getFirst().id().value());
  }

  private static Hit hit(String id, double score) {
    return new Hit(
        new ImageRecord(
            new ImageId(id),
            id,
            List.of(),
            Map.of(),
            "",
            "",
            "",
            "",
            "",
            List.of(),
            id,
            "",
            1,
            1,
            Map.of()),
        score,
        score);
  }
}
