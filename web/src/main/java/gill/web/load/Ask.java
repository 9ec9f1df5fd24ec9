package gill.web.load;

import java.util.List;
import java.util.Locale;

/// What is asked of the server, one of a few hundred prompts each time.
public enum Ask {
  /// One image, no text.
  LOOKUP("/v1/lookup", "{\"prompt\": \"%s\", \"image_mode\": \"retrieve\", \"seed\": %d}"),
  /// A streamed reply with a corpus image.
  RETRIEVE("/v1/chat/completions", chat("retrieve")),
  /// A streamed reply with a drawn image.
  GENERATE("/v1/chat/completions", chat("generate"));

  private static final List<String> COLOURS =
      List.of("red", "green", "blue", "yellow", "purple", "orange", "white", "pink", "brown");
  private static final List<String> THINGS =
      List.of(
          "apple",
          "umbrella",
          "sailing boat",
          "guitar",
          "birthday cake",
          "kangaroo",
          "pair of" + " scissors",
          "taxi",
          "snowman",
          "cup of coffee",
          "house",
          "balloon",
          "fish");

  private final String path;
  private final String body;

  Ask(String path, String body) {
    this.path = path;
    this.body = body;
  }

  private static String chat(String mode) {
    return "{\"stream\": true, \"image_mode\": \""
        + mode
        + "\", \"max_tokens\": 32, \"messages\": [{\"role\": \"user\", \"content\": \"show me %s\"}],"
        + " \"seed\": %d}";
  }

  String path() {
    return path;
  }

  /// The `index`th request as JSON; equal indexes ask the same.
  String body(int index) {
    return String.format(Locale.ROOT, body, prompt(index), index);
  }

  static String prompt(int index) {
    int at = Math.floorMod(index, COLOURS.size() * THINGS.size());
    return "a " + COLOURS.get(at % COLOURS.size()) + " " + THINGS.get(at / COLOURS.size());
  }
}
