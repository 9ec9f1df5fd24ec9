package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The answers that docs/api.md shows are what the server gives: each name that is shown is there,
/// with a value of the kind that is shown.
class ApiDocTest {
  private static final Path DOC = Path.of("..", "docs", "api.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```json\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  /// The shown answers, what is left out in them left out.
  private static List<JsonNode> shown() throws Exception {
    List<JsonNode> all = new ArrayList<>();
    for (MatchResult block : BLOCK.matcher(Files.readString(DOC)).results().toList()) {
      all.add(Http.JSON.readTree(block.group(1).replace("{…}", "{}").replace("[…]", "[]")));
    }
    return all;
  }

  private static JsonNode holding(String name) throws Exception {
    List<JsonNode> found = shown().stream().filter(it -> it.has(name)).toList();
    assertEquals(1, found.size(), "examples with " + name);
    return found.getFirst();
  }

  private static void check(JsonNode shown, JsonNode real, String at) {
    if (at.endsWith(".timings_ms") || at.endsWith(".metadata") || at.endsWith(".progress")) {
      return;
    }
    assertEquals(shown.getNodeType(), real.getNodeType(), at);
    for (String name : shown.propertyNames()) {
      assertTrue(real.has(name), at + "." + name + " is not in " + real);
      check(shown.get(name), real.get(name), at + "." + name);
    }
    if (shown.isArray() && !shown.isEmpty()) {
      assertTrue(real.size() >= shown.size(), at);
      for (int i = 0; i < shown.size(); i++) {
        check(shown.get(i), real.get(i), at + "[" + i + "]");
      }
    }
  }

  @Test
  void answers_areAsShown(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      String apple = "{\"prompt\": \"a red apple\"}";
      check(holding("candidates"), Http.json(running.http.post("/v1/lookup", apple)), "lookup");
      String chat =
          """
          {"session_id": "s", "messages": [{"role": "user", "content": "an apple"}]}
          """;
      check(holding("choices"), Http.json(running.http.post("/v1/chat/completions", chat)), "chat");
      check(
          holding("output_format"),
          Http.json(running.http.post("/v1/images/generations", apple)),
          "generations");
      HttpResponse<String> refused =
          running.http.post("/v1/lookup", "{\"prompt\": \"a\", \"k\": 0}");
      check(holding("detail"), Http.json(refused), "problem");
      assertEquals(holding("detail").get("detail"), Http.json(refused).get("detail"));
      String indexing =
          "{\"kind\": \"index\", \"source\": \"/srv/pictures\", \"index\": \"pictures\"}";
      HttpResponse<String> added = running.http.post("/v1/jobs", indexing);
      assertEquals(202, added.statusCode(), added.body());
      String job = added.headers().firstValue("Location").orElseThrow();
      running.http.get(job + "/events");
      check(holding("kind"), Http.json(running.http.get(job)), "job");
      assertEquals(5, shown().size(), "an example that no test looks at");
    }
  }
}
