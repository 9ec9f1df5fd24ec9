package gill.engine.dialogue;

import static gill.engine.dialogue.RequestCoreTest.image;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageRecord;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneTest {
  private static final List<ImageRecord> CORPUS =
      Stream.of("car", "tree", "apple", "owl", "bus").map(caption -> image(caption)).toList();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "the same in blue | a fox in blue",
        "Now the same thing, but green, please! | a fox, but green",
        "and now in blue | a blue fox",
        "Please make it blue. | a blue fox",
        "turn that purple | a purple fox",
        "two of them | two foxes",
        "Could I have three of these? | three foxes",
        "show me a pair of it | a pair of foxes",
        "four of the same, please | four foxes",
        "next to a car | a fox next to a car",
        "and now to the left of a tree | a fox to the left of a tree",
        "draw it above an apple | a fox above an apple",
        "this next to a bus please | a fox next to a bus",
        "it on a green background | a fox on a green background",
        "an owl on its left, please | a fox to the right of an owl",
        "Let a car be at its right side. | a fox to the left of a car",
        "put an apple above it | an apple above a fox",
        "Could a tree stand next to this one? | a tree next to a fox",
        "draw it again in orange | an orange fox",
        "exactly this, but yellow | a yellow fox",
        // These name a thing of their own and point at nothing.
        "a red car | a red car",
        "I want this tree | tree",
        "show me two owls | two owls",
      })
  void of_pointingAtThePictureShown_saysItsName(String request, String text) {
    assertEquals(new Scene(text, true), Scene.of(request, CORPUS, Optional.of(image("red fox"))));
  }

  @Test
  void of_pointingWithNothingShown_namesNothing() {
    assertEquals(
        new Scene("the same in blue", false),
        Scene.of("the same in blue", CORPUS, Optional.empty()));
    assertFalse(Scene.of("something pretty", CORPUS, Optional.of(image("fox"))).named());
  }

  @Test
  void of_aGroundBehindTheThing_belongsToTheScene() {
    Scene scene =
        Scene.of("We met. Draw an owl on a blue background for me", CORPUS, Optional.empty());
    assertTrue(scene.named());
    assertEquals("an owl on a blue background", scene.text());
  }

  @ParameterizedTest
  @CsvSource({
    "fox, foxes",
    "cat, cats",
    "bus, buses",
    "cherry, cherries",
    "slice of pizza, slices of pizza",
    "leaf, leaves",
    "dish, dishes",
    "toy, toys"
  })
  void plural_andSingular_meet(String one, String many) {
    assertEquals(many, Nouns.plural(one));
    assertEquals(one, Nouns.singular(many));
  }
}
