package gill.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The examples of docs/search.md, fit for [gill.engine.testing.TinyCorpus].
final class SearchDoc {
  /// The conversation that an example names.
  static final String SESSION = "kitchen";

  private static final Path DOC = Path.of("..", "docs", "search.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final JsonMapper JSON = new JsonMapper();

  private SearchDoc() {}

  /// Sends a request and answers with what came back.
  interface Door {
    JsonNode answer(String request) throws Exception;
  }

  private static List<String> blocks(String language) throws IOException {
    return BLOCK
        .matcher(Files.readString(DOC))
        .results()
        .filter(match -> match.group(1).equals(language))
        .map(match -> match.group(2))
        .toList();
  }

  /// Every request, in the page's order.
  static List<String> requests() throws IOException {
    return blocks("json").stream()
        .filter(block -> !block.startsWith("{\"hits\""))
        .map(SearchDoc::tiny)
        .toList();
  }

  /// The answer that the page shows to the request before it.
  static JsonNode shownAnswer() throws IOException {
    return JSON.readTree(
        blocks("json").stream()
            .filter(block -> block.startsWith("{\"hits\""))
            .findFirst()
            .orElseThrow());
  }

  /// The commands, as they are typed.
  static List<String> commands() throws IOException {
    return blocks("").stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith("./gill "))
        .map(SearchDoc::tiny)
        .toList();
  }

  static String java() throws IOException {
    return blocks("java").getFirst();
  }

  /// The same of images that the tests have.
  static String tiny(String example) {
    return example.replace("noto/red-apple", "tiny/0").replace("noto", "tiny");
  }

  /// A request as it can be sent: with a whole vector, and the cursor of the page before.
  static String whole(String request, int dimension, Door door) throws Exception {
    String ready = request;
    if (request.contains("\"vector\"")) {
      ready =
          request.replaceFirst("\\[0\\.12[^]]*]", "[0.12" + ", -0.03".repeat(dimension - 1) + "]");
    }
    if (request.contains("\"cursor\"")) {
      JsonNode first = door.answer(request.replaceFirst(",\\s*\"cursor\": \"[^\"]*\"", ""));
      ready =
          request.replaceFirst(
              "\"cursor\": \"[^\"]*\"", "\"cursor\": \"" + first.get("next").stringValue() + "\"");
    }
    return ready;
  }
}
