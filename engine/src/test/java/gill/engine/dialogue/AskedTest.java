package gill.engine.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageRecord;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AskedTest {
  private static final ImageRecord APPLE = RequestCoreTest.image("red apple", "fruit");

  @Test
  void colourUnmet_colourThatNoWordSays_isUnmet() {
    assertTrue(Asked.of("a blue apple").colourUnmet(APPLE));
    assertFalse(Asked.of("a red apple").colourUnmet(APPLE));
    assertFalse(Asked.of("an apple").colourUnmet(APPLE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "an apple on a blue background",
        "an apple on an orange background, please",
        "make the background blue",
        "an apple with a pale green background",
        "an apple on yellow"
      })
  void groundUnmet_colouredGround_isNoColourOfTheThing(String request) {
    assertTrue(Asked.of(request).groundUnmet(APPLE));
    assertEquals(Set.of(), Asked.of(request).colours());
  }

  @ParameterizedTest
  @CsvSource({
    "a red apple, 1",
    "a blue apple, 0",
    "an apple, 0",
    "a flat apple, 1",
    "'a red apple, flat please', 2",
    "in 3D, 0",
  })
  void looks_areTheColourAndTheStyleThatTheImageHas(String request, int looks) {
    assertEquals(looks, Asked.of(request).looks(APPLE));
  }

  @ParameterizedTest
  @CsvSource({"the outline of a cat, 1", "'a cat, outlined', 1", "an outfit, 0", "a line, 0"})
  void looks_formsOfTheStylesWord_areTheStyle(String request, int looks) {
    assertEquals(looks, Asked.of(request).looks(RequestCoreTest.drawnAs("outlined icon", "cat")));
  }

  @Test
  void countUnmet_numberThatNoWordSays_isUnmet() {
    assertTrue(Asked.of("three apples").countUnmet(APPLE));
    assertFalse(Asked.of("three apples").countUnmet(RequestCoreTest.image("three apples")));
    assertFalse(Asked.of("an apple").countUnmet(APPLE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a cat left of a dog", "a star above a tree", "a key beside a book"})
  void relation_placesOfTwoThings_areRead(String request) {
    assertTrue(Asked.of(request).relation());
  }

  @Test
  void lists_severalThings_areRead() {
    assertTrue(Asked.lists("a cat and a dog"));
    assertFalse(Asked.lists("a sandy beach"));
  }
}
