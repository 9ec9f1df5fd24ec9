package gill.engine.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.dialogue.ScenePlan.Slot;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenePlanTest {
  /// The things with their squares' left top corners and sides in 128ths.
  private static String plan(String request) {
    return ScenePlan.of(request).slots().stream()
        .map(slot ->
            "%s@%d,%d,%d"
                .formatted(
                    slot.phrase(),
                    Math.round(128 * slot.left()),
                    Math.round(128 * slot.top()),
                    Math.round(128 * slot.side())))
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a cat | cat@0,0,128
          Please draw me a picture of a blue banana! | blue banana@0,0,128
          I would love to see a tiny blue rocket | tiny blue rocket@0,0,128
          could you paint a sticker of an owl, please? | owl@0,0,128
          strawberry but blue | blue strawberry@0,0,128
          a crown that is purple | purple crown@0,0,128
          a cup of coffee, icon | cup of coffee@0,0,128
          a frog on a pink background | frog@0,0,128
          a key, yellow background | key@0,0,128
          a red apple to the left of a blue umbrella | red apple@0,32,64 blue umbrella@64,32,64
          a cat to the right of a dog | dog@0,32,64 cat@64,32,64
          a star above a house | star@32,0,64 house@32,64,64
          a star below a house | house@32,0,64 star@32,64,64
          a bird on top of a castle | bird@32,0,64 castle@32,64,64
          a cat on the left and a dog on the right | cat@0,32,64 dog@64,32,64
          a cat and a dog | cat@0,32,64 dog@64,32,64
          a cat next to a dog | cat@0,32,64 dog@64,32,64
          a cat, a dog and a fish | cat@32,0,64 dog@0,64,64 fish@64,64,64
          two green cats | green cat@0,32,64 green cat@64,32,64
          3 slices of pizza | slice of pizza@32,0,64 slice of pizza@0,64,64 slice of pizza@64,64,64
          two cats and a dog | cat@32,0,64 cat@0,64,64 dog@64,64,64
          """)
  void of_request_namesThingsAndPlaces(String request, String expected) {
    assertEquals(expected, plan(request));
  }

  @Test
  void of_nothingOrTooMuch_isEmpty() {
    assertEquals(List.of(), ScenePlan.of("").slots());
    assertEquals(List.of(), ScenePlan.of("please!").slots());
    assertEquals(List.of(), ScenePlan.of("nine cats and two dogs").slots());
  }

  @Test
  void of_nineThings_staysInsideOfThePicture() {
    List<Slot> slots = ScenePlan.of("nine stars").slots();
    assertEquals(9, slots.size());
    for (Slot slot : slots) {
      assertTrue(slot.left() + slot.side() <= 1 && slot.top() + slot.side() <= 1, slot::toString);
      assertEquals("star", slot.thing());
    }
  }

  @Test
  void thing_isThePhraseWithoutItsColours() {
    assertEquals("banana", ScenePlan.of("a blue banana").slots().getFirst().thing());
    assertEquals("rocket", ScenePlan.of("a tiny blue rocket").slots().getFirst().thing());
    assertEquals("orange", ScenePlan.of("an orange").slots().getFirst().thing());
  }

  @Test
  void single_keepsNamesThatLookLikeSeveralThings() {
    assertEquals("bow and arrow", ScenePlan.single("a bow and arrow").slots().getFirst().phrase());
  }

  @ParameterizedTest
  @CsvSource({
    "cherries, cherry",
    "boxes, box",
    "foxes, fox",
    "mice, mouse",
    "glass, glass",
    "bus, bus",
    "slices of pizza, slice of pizza",
    "tomatoes, tomato",
    "cats, cat",
    "wolves, wolf"
  })
  void singular_plural_isTheThing(String plural, String expected) {
    assertEquals(expected, Nouns.singular(plural));
  }

  @Test
  void named_captionThatSaysJustThat_isOne() {
    assertEquals(1, Nouns.named("red apple", "Red apples", List.of()));
    assertEquals(0.75, Nouns.named("cat", "cat face", List.of()));
    assertEquals(0.5, Nouns.named("kitten", "cat face", List.of("animal", "kittens")));
    assertEquals(0, Nouns.named("dog", "cat face", List.of("animal")));
  }
}
