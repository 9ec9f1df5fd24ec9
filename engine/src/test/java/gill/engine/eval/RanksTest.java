package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RanksTest {
  private static final List<String> HITS = List.of("a", "b", "c", "d");

  @Test
  void recall_countsOneRightImageAmongTheFirst() {
    assertEquals(0, Ranks.recallAt(1, HITS, Set.of("b", "d")));
    assertEquals(1, Ranks.recallAt(2, HITS, Set.of("b", "d")));
    assertEquals(0, Ranks.recallAt(10, HITS, Set.of("z")));
    assertEquals(0, Ranks.recallAt(10, List.of(), Set.of("a")));
  }

  @Test
  void ndcg_isTheGainOverThatOfAPerfectList() {
    // Right at places 2 and 4: 1/log2(3) + 1/log2(5) over 1 + 1/log2(3).
    double gain = 0.6309297535714575 + 0.43067655807339306;
    assertEquals(gain / (1 + 0.6309297535714575), Ranks.ndcgAt(10, HITS, Set.of("b", "d")), 1e-12);
    assertEquals(1, Ranks.ndcgAt(10, HITS, Set.of("a")), 1e-12);
    assertEquals(0, Ranks.ndcgAt(10, HITS, Set.of()), 1e-12);
  }

  @Test
  void ndcg_ofMoreRightImagesThanPlaces_canBePerfect() {
    assertEquals(1, Ranks.ndcgAt(2, HITS, Set.of("a", "b", "c", "d")), 1e-12);
  }

  @Test
  void share_isOfAllPlaces() {
    assertEquals(0.2, Ranks.shareAt(10, HITS, Set.of("a", "c", "z")), 1e-12);
  }
}
