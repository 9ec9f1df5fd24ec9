package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import gill.web.api.Answerer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// `POST /v1/search` on a real engine of the tiny bundle: every example of docs/search.md, pages,
/// and what is refused.
@TestInstance(Lifecycle.PER_CLASS)
class SearchDocTest {
  private final Engine engine;
  private final Server server;
  private final Http http;

  SearchDocTest(@TempDir Path folder) {
    Path bundle = TinyBundle.copyTo(folder);
    engine = Engine.open(bundle, TinyCorpus.index(folder, bundle, 40), EngineOptions.DEFAULT);
    server =
        Server.start(Answerer.of(engine), EngineOptions.DEFAULT, WebOptions.DEFAULT.withPort(0));
    http = new Http(server);
  }

  @AfterAll
  void close() {
    http.close();
    server.close();
    engine.close();
  }

  private JsonNode search(String json) throws IOException, InterruptedException {
    HttpResponse<String> response = http.post("/v1/search", json);
    assertEquals(200, response.statusCode(), json + response.body());
    return Http.json(response);
  }

  private static List<String> ids(JsonNode answer) {
    return answer.get("hits").values().stream().map(hit -> hit.get("id").stringValue()).toList();
  }

  @Test
  void everyExample_isAnswered_inTheShapeShown() throws Exception {
    JsonNode shown = SearchDoc.shownAnswer();
    JsonNode last = Http.JSON.createObjectNode();
    boolean compared = false;
    for (String example : SearchDoc.requests()) {
      if (example.contains("session_id")) {
        continue;
      }
      last = search(SearchDoc.whole(example, engine.embed("apple").dimension(), this::search));
      // The tests' corpus is noise: nothing in it is likely to fit.
      assertEquals(example.contains("min_p_match"), ids(last).isEmpty(), example);
      assertFalse(ids(last).contains("tiny/0") && example.contains("\"id\""), example);
      if (example.contains("\"explain\"")) {
        for (String at : List.of("", "/hits/0", "/hits/0/explanation", "/facets/source/0")) {
          assertEquals(names(shown.at(at)), names(last.at(at)), at);
        }
        compared = true;
      }
    }
    assertTrue(compared);
  }

  @Test
  void session_leavesOutWhatItHasShown_andIsItsOwnersAlone() throws Exception {
    String example =
        SearchDoc.requests().stream()
            .filter(it -> it.contains("session_id"))
            .findFirst()
            .orElseThrow();
    HttpResponse<String> unknown = http.post("/v1/search", example);
    assertEquals(404, unknown.statusCode(), unknown.body());
    assertEquals("session_not_found", Http.json(unknown).get("code").stringValue());
    HttpResponse<String> shown =
        http.post(
            "/v1/chat/completions",
            "{\"session_id\": \""
                + SearchDoc.SESSION
                + "\", \"image_mode\": \"retrieve\", \"messages\": [{\"role\": \"user\","
                + " \"content\": \"show me an apple\"}]}");
    assertEquals(200, shown.statusCode(), shown.body());
    Matcher image = Pattern.compile("/v1/images/(tiny/[0-9]+)").matcher(shown.body());
    assertTrue(image.find(), shown.body());
    String whole = "{\"text\": \"apple\", \"limit\": 50}";
    List<String> rest = new ArrayList<>(ids(search(whole)));
    assertTrue(rest.remove(image.group(1)));
    assertEquals(rest, ids(search(whole.replace("}", ", \"session_id\": \"kitchen\"}"))));
  }

  private static Collection<String> names(JsonNode node) {
    return new TreeSet<>(node.propertyNames());
  }

  @Test
  void pages_followEachOther_andACursorIsForItsRequestOnly() throws Exception {
    JsonNode whole = search("{\"text\": \"apple\", \"limit\": 30}");
    JsonNode first = search("{\"text\": \"apple\", \"limit\": 15}");
    String cursor = first.get("next").stringValue();
    JsonNode second =
        search("{\"text\": \"apple\", \"limit\": 15, \"cursor\": \"" + cursor + "\"}");
    List<String> both = new ArrayList<>(ids(first));
    both.addAll(ids(second));
    assertEquals(ids(whole), both);
    HttpResponse<String> other =
        http.post("/v1/search", "{\"text\": \"boat\", \"cursor\": \"" + cursor + "\"}");
    assertEquals(422, other.statusCode());
    assertEquals("stale_cursor", Http.json(other).get("code").stringValue());
  }

  @Test
  void vectorsOfTheEmbeddingsDoor_areQueries() throws Exception {
    JsonNode embedded =
        Http.json(http.post("/v1/embeddings", "{\"model\": \"gill\", \"input\": \"apple\"}"));
    String vector = embedded.at("/data/0/embedding").toString();
    assertEquals(
        ids(search("{\"text\": \"apple\", \"ranking\": {}}")),
        ids(search("{\"query\": [{\"vector\": " + vector + ", \"weight\": 3}]}")));
    assertNotEquals(
        ids(search("{\"text\": \"apple\"}")),
        ids(search("{\"query\": [{\"text\": \"apple\"}, {\"text\": \"cat\", \"weight\": -2}]}")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`{\"query\": []}` | 422 | invalid_value | query",
        "`{\"query\": {}}` | 400 | wrong_type | query",
        "`{\"query\": [{}]}` | 400 | missing_field | query[0].text",
        "`{\"query\": [{\"text\": \"a\", \"id\": \"b\"}]}` | 400 | missing_field | query[0].text",
        "`{\"query\": [{\"txt\": \"a\"}]}` | 400 | unknown_field | query[0].txt",
        "`{\"query\": [{\"text\": \"a\", \"weight\": 0}]}` | 422 | invalid_value | query[0].weight",
        "`{\"query\": [{\"text\": \"a\", \"weight\": 1e3}]}` | 422 | invalid_value |"
            + " query[0].weight",
        "`{\"query\": [{\"text\": \"a\", \"weight\": -1}]}` | 422 | invalid_value | query",
        "`{\"query\": [{\"vector\": [1, 0]}]}` | 422 | invalid_value | query[0].vector",
        "`{\"query\": [{\"vector\": [0, 0]}]}` | 422 | invalid_value | query[0].vector",
        "`{\"query\": [{\"vector\": []}]}` | 422 | invalid_value | query[0].vector",
        "`{\"query\": [{\"vector\": [1e99]}]}` | 422 | invalid_value | query[0].vector",
        "`{\"query\": [{\"vector\": [\"1\"]}]}` | 400 | wrong_type | query[0].vector[0]",
        "`{\"query\": [{\"id\": \"tiny/none\"}]}` | 422 | image_gone | query[0].id",
        "`{\"text\": \"a\", \"limit\": 1000000000}` | 422 | invalid_value | limit",
        "`{\"text\": \"a\", \"limit\": 20, \"window\": 10}` | 422 | invalid_value | limit",
        "`{\"text\": \"a\", \"ef\": 0}` | 422 | invalid_value | ef",
        "`{\"text\": \"a\", \"ef\": 10001}` | 422 | invalid_value | ef",
        "`{\"text\": \"a\", \"oversample\": 101}` | 422 | invalid_value | oversample",
        "`{\"text\": \"a\", \"oversample\": \"much\"}` | 400 | wrong_type | oversample",
        "`{\"text\": \"a\", \"cursor\": \"%\"}` | 422 | invalid_value | cursor",
        "`{\"text\": \"a\", \"ranking\": {\"method\": \"best\"}}` | 422 | invalid_value |"
            + " ranking.method",
        "`{\"text\": \"a\", \"ranking\": {\"k\": 1}}` | 400 | unknown_field | ranking.k",
        "`{\"query\": [{\"id\": \"tiny/1\"}], \"ranking\": {\"method\": \"rrf\"}}` | 422 |"
            + " invalid_value | ranking",
        "`{\"text\": \"a\", \"filter\": []}` | 400 | wrong_type | filter",
        "`{\"text\": \"a\", \"filter\": {\"kind\": \"b\"}}` | 422 | invalid_value | filter",
        "`{\"text\": \"a\", \"filter\": {\"or\": []}}` | 400 | wrong_type | filter.or",
        "`{\"text\": \"a\", \"filter\": {\"width\": {\"min\": 2, \"max\": 1}}}` | 422 |"
            + " invalid_value | filter.width",
        "`{\"text\": \"a\", \"filter\": {\"width\": {\"from\": 2}}}` | 400 | unknown_field |"
            + " filter.width.from",
        "`{\"text\": \"a\", \"filter\": {\"style\": [7]}}` | 400 | wrong_type | filter.style",
        "`{\"text\": \"a\", \"facets\": [\"width\"]}` | 422 | invalid_value | facets",
        "`{\"text\": \"a\", \"limit\": 0}` | 422 | invalid_value | limit",
        "`{\"text\": \"a\", \"language\": \"de AT\"}` | 422 | invalid_value | language",
        "`{\"text\": \"a\", \"sort\": [{\"order\": \"asc\"}]}` | 400 | missing_field |"
            + " sort[0].field",
        "`{\"text\": \"a\", \"sort\": [{\"field\": \"size\"}]}` | 422 | invalid_value | sort",
        "`{\"text\": \"a\", \"sort\": [{\"field\": \"id\", \"order\": \"up\"}]}` | 422 |"
            + " invalid_value | sort[0].order",
        "`{\"text\": \"a\", \"sort\": [{\"field\": \"id\"}], \"diversity\": 0.1}` | 422 |"
            + " invalid_value | sort",
        "`{\"query\": [{\"ask\": \" \"}]}` | 422 | invalid_value | query[0].ask",
        "`{\"query\": [{\"ask\": 7}]}` | 400 | wrong_type | query[0].ask",
        "`{\"query\": [{\"ask\": []}]}` | 422 | invalid_value | query[0].ask",
        "`{\"query\": [{\"ask\": \"a\"}], \"ranking\": {\"method\": \"words\"}}` | 422 |"
            + " invalid_value | ranking",
        "`{\"text\": \"a\", \"diversity\": 1}` | 422 | invalid_value | diversity",
        "`{\"text\": \"a\", \"collapse\": 0.1}` | 422 | invalid_value | collapse",
        "`{\"text\": \"a\", \"diversity\": 0.5, \"window\": 1001}` | 422 | invalid_value | window"
      })
  void wrongRequests_areRefusedWithTheFieldAtFault(
      String body, int status, String code, String field) throws Exception {
    HttpResponse<String> response = http.post("/v1/search", body);
    JsonNode problem = Http.json(response);
    assertEquals(status, response.statusCode(), response.body());
    assertEquals(code, problem.get("code").stringValue(), response.body());
    assertEquals(field, problem.get("field").stringValue(), response.body());
  }
}
