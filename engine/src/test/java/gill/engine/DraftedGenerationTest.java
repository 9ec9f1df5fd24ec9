package gill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Cancellation;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageMode;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.PromptPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import gill.engine.testing.LeakGuard;
import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Retrieval feeds generation: what a picture leans on, and that it says so.
@ExtendWith(LeakGuard.class)
class DraftedGenerationTest {
  @TempDir static Path directory;
  private static Engine engine;

  @BeforeAll
  static void open() {
    Path bundle = TinyBundle.withDraftsTo(directory);
    Path index = TinyCorpus.index(directory, bundle, 8, TinyCorpus::disc);
    engine = Engine.open(bundle, index, EngineOptions.DEFAULT);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static GeneratedPicture drawn(String request, boolean references) {
    Turn turn =
        new Turn(
            List.of(),
            List.of(new PromptPart.TextPart(request)),
            Set.of(),
            ImageMode.GENERATE,
            SamplingOptions.DEFAULT,
            new GenerationOptions(3, 1, 3, 2, "", "", references),
            4);
    LookupResult result = engine.lookup(turn, _ -> {}, Cancellation.NEVER);
    return assertInstanceOf(Output.GeneratedImage.class, result.image()).picture();
  }

  private static List<String> captions(GeneratedPicture picture) {
    return picture.references().stream().map(ImageRecord::caption).sorted().toList();
  }

  @Test
  void lookup_thingsOfTheCorpus_areLeanedOnAndNamed() {
    GeneratedPicture one = drawn("draw me a red apple", true);
    assertEquals(List.of("red apple"), captions(one));
    GeneratedPicture two = drawn("a yellow banana to the left of two black cats", true);
    assertTrue(captions(two).contains("yellow banana"), () -> captions(two).toString());
  }

  @Test
  void lookup_otherColourThanTheCorpusHas_leansOnTheThing() {
    assertEquals(List.of("yellow banana"), captions(drawn("a blue banana", true)));
  }

  @Test
  void lookup_references_areInTheFile() {
    GeneratedPicture picture = drawn("a red apple", true);
    String file = new String(picture.png(), StandardCharsets.ISO_8859_1);
    String id = picture.references().getFirst().id().value();
    assertTrue(file.contains("References: " + id));
    assertTrue(file.contains("stRef:documentID=\"" + id + "\""));
  }

  @Test
  void lookup_withoutReferences_drawsAnotherPictureAndNamesNone() {
    GeneratedPicture alone = drawn("a red apple", false);
    assertEquals(List.of(), alone.references());
    assertNotEquals(alone.id(), drawn("a red apple", true).id());
  }
}
