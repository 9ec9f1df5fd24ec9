package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
  @Test
  void parse_numberIsForAllSuites_namedOnesHaveTheirOwn() {
    Limits limits = Limits.parse(List.of("30", "decision=200"));
    assertEquals(new Limits(30, Map.of("decision", 200)), limits);
    assertEquals(200, limits.of("decision"));
    assertEquals(30, limits.of("stories"));
  }

  @Test
  void parse_nothing_isNoLimit() {
    assertEquals(Limits.NONE, Limits.parse(List.of()));
    assertEquals("", Limits.NONE.inWords());
  }

  @Test
  void inWords_saysBoth() {
    assertEquals(
        ", at most 30 cases of a kind, 200 in decision, all in stories",
        Limits.parse(List.of("stories=0", "decision=200", "30")).inWords());
  }

  @ParameterizedTest
  @ValueSource(strings = {"many", "decision=", "-1", "decision=-2"})
  void parse_whatIsNoNumber_isRefused(String text) {
    IllegalArgumentException fault =
        assertThrows(IllegalArgumentException.class, () -> Limits.parse(List.of(text)));
    assertTrue(String.valueOf(fault.getMessage()).contains("limit"));
  }
}
