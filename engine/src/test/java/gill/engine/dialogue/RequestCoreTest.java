package gill.engine.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestCoreTest {
  static ImageRecord image(String caption, String... keywords) {
    return drawnAs("flat", caption, keywords);
  }

  static ImageRecord drawnAs(String style, String caption, String... keywords) {
    return new ImageRecord(
        new ImageId(caption.replace(' ', '-')),
        caption,
        List.of(keywords),
        Map.of(),
        "set",
        "",
        "CC0-1.0",
        style,
        "things",
        List.of(),
        caption + ".png",
        "",
        64,
        64,
        Map.of());
  }

  private static final List<ImageRecord> CORPUS =
      Stream.of(
              "owl",
              "pizza",
              "slide",
              "bicycle",
              "strawberry",
              "page",
              "umbrella",
              "card index",
              "card",
              "guitar",
              "red apple",
              "birthday cake",
              "cake")
          .map(caption -> image(caption))
          .toList();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Is there an owl above pizza somewhere? | an owl above pizza",
        "At the slide I saw a bicycle to the left of a strawberry. | a bicycle to the left of a strawberry",
        "On this page, two umbrellas, please! | two umbrellas",
        "The page wants a card index. | a card index",
        "We bake all week. Then it was promised: a blue guitar on her invitation card. Would you? | a blue guitar",
        "show me an apple | an apple",
        "a guitar in green for me | a guitar in green",
        "an owl next to a zorgon, please | an owl next to a zorgon",
        "something wholly unknown | something wholly unknown",
        "birthday cake | birthday cake"
      })
  void of_namesOfTheCorpus_tellWhatIsWanted(String request, String core) {
    assertEquals(core, RequestCore.of(request, CORPUS));
  }
}
