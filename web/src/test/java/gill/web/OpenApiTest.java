package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What `/openapi.json` says is what the server does.
class OpenApiTest {
  private final RunningServer running;
  private final JsonNode document;

  OpenApiTest(@TempDir Path folder) throws Exception {
    running = new RunningServer(folder);
    document = Http.json(running.http.get("/openapi.json"));
  }

  @AfterEach
  void stop() {
    running.close();
  }

  /// A schema of the document, which may point to others in it.
  private List<Error> faults(JsonNode schema, JsonNode value) {
    ObjectNode whole = Http.JSON.createObjectNode();
    whole.setAll((ObjectNode) schema);
    whole.set("components", document.get("components"));
    Schema compiled =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(whole);
    return compiled.validate(value);
  }

  private JsonNode operation(String method, String path) {
    JsonNode operation =
        document.get("paths").get(path).get(method.toLowerCase(java.util.Locale.ROOT));
    assertTrue(operation != null, method + " " + path + " is not described");
    return operation;
  }

  @Test
  void everyRoute_isDescribed_andNothingElse() {
    Set<String> described = new TreeSet<>();
    for (String path : document.get("paths").propertyNames()) {
      for (String method : document.get("paths").get(path).propertyNames()) {
        described.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path);
      }
    }
    Set<String> routes = new TreeSet<>();
    running.server.routeNames().forEach(it -> routes.add(it.replace('<', '{').replace('>', '}')));
    assertEquals(routes, described);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/lookup | `{\"prompt\": \"a red apple\", \"k\": 2}`",
        "/v1/lookup | `{\"prompt\": \"a blue banana\", \"seed\": null}`",
        "/v1/lookup | `{\"prompt\": \"nothing\"}`",
        "/v1/search | `{\"text\": \"apple\"}`",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"an apple\"}], \"session_id\": \"s\"}`",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"blue\"}], \"image_mode\": \"none\"}`",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"nothing\"}]}]}`",
        "/v1/images/generations | `{\"prompt\": \"a banana\", \"n\": 2}`",
        "/v1/images/generations | `{\"prompt\": \"a banana\", \"response_format\": \"b64_json\"}`",
        "/v1/embeddings | `{\"input\": [\"a\", {\"type\": \"text\", \"text\": \"b\"}]}`",
        "/v1/embeddings | `{\"input\": \"a\", \"encoding_format\": \"base64\"}`",
        "/v1/feedback | `{\"event\": \"switched\", \"prompt\": \"a\", \"shown\": \"generated\", \"image\": \"ab\", \"other\": \"noto/red-apple\", \"p_retrieve\": 0.4}`",
        "/v1/key | `{\"key\": \"gill_none\"}`",
        "/v1/jobs | `{\"kind\": \"generation\", \"prompt\": \"a blue banana\", \"n\": 2}`",
        "/v1/jobs | `{\"kind\": \"index\", \"source\": \"/etc\"}`",
        "/v1/takedowns | `{\"ids\": [\"noto/red-apple\"]}`",
        "/knn-service | `{\"text\": \"a\", \"num_images\": 2, \"num_result_ids\": 4}`",
        "/metadata | `{\"ids\": [\"noto/red-apple\", \"no/such\"]}`",
      })
  void posts_areAsDescribed_bothWays(String path, String body) throws Exception {
    JsonNode operation = operation("POST", path);
    assertEquals(
        List.of(),
        faults(
            operation.at("/requestBody/content/application~1json/schema"),
            Http.JSON.readTree(body)));
    checkAnswer(operation, running.http.post(path, body));
    checkAnswer(operation, running.http.post(path, "{\"no_such_field\": 1}"));
    assertFalse(
        faults(
                operation.at("/requestBody/content/application~1json/schema"),
                Http.JSON.readTree("{\"no_such_field\": 1}"))
            .isEmpty());
  }

  private JsonNode searchRequest() {
    return operation("POST", "/v1/search").at("/requestBody/content/application~1json/schema");
  }

  @Test
  void everySearchOfTheDocs_isAsDescribed() throws Exception {
    for (String request : SearchDoc.requests()) {
      String whole = request.replaceFirst("\\[0\\.12[^]]*]", "[0.12]");
      assertEquals(List.of(), faults(searchRequest(), Http.JSON.readTree(whole)), request);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"text\": \"a\", \"image\": \"b\"}",
        "{\"text\": \" \"}",
        "{\"query\": []}",
        "{\"query\": [{\"text\": \"a\", \"id\": \"b\"}]}",
        "{\"query\": [{\"weight\": 1}]}",
        "{\"query\": [{\"text\": \"a\", \"txt\": \"b\"}]}",
        "{\"query\": [{\"ask\": [{\"content\": \"a\"}]}]}",
        "{\"text\": \"a\", \"ranking\": {\"method\": \"rrf\", \"k\": 1}}",
        "{\"text\": \"a\", \"ranking\": {\"method\": \"words\", \"constant\": 1}}",
        "{\"text\": \"a\", \"filter\": {\"kind\": \"b\"}}",
        "{\"text\": \"a\", \"filter\": {\"or\": []}}",
        "{\"text\": \"a\", \"filter\": {\"not\": {\"style\": [7]}}}",
        "{\"text\": \"a\", \"filter\": {\"width\": {\"from\": 2}}}",
        "{\"text\": \"a\", \"sort\": [{\"order\": \"asc\"}]}",
      })
  void searchesThatTheServerRefuses_areNotAsDescribed(String request) throws Exception {
    assertFalse(faults(searchRequest(), Http.JSON.readTree(request)).isEmpty());
    int status = running.http.post("/v1/search", request).statusCode();
    // The engine of these tests knows no fields.
    assertTrue(request.contains("kind") || status == 400 || status == 422, request + status);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/images/{id}/similar, /v1/images/noto/red-apple/similar?limit=2",
    "/v1/images/{id}/similar, /v1/images/noto/none/similar",
    "/v1/images/{id}/similar, /v1/images/noto/red-apple/similar?limit=0",
    "/v1/feedback, /v1/feedback?after=0&limit=2",
    "/v1/feedback, /v1/feedback?before=0",
    "/v1/key, /v1/key",
    "/v1/jobs, /v1/jobs?limit=2",
    "/v1/jobs, /v1/jobs?state=odd",
    "/v1/jobs/{id}, /v1/jobs/job-none",
    "/v1/corpora, /v1/corpora",
    "/v1/takedowns, /v1/takedowns",
    "/v1/models, /v1/models",
    "/v1/models/{model}, /v1/models/gill",
    "/v1/models/{model}, /v1/models/gpt",
    "/indices-list, /indices-list",
    "/openapi.json, /openapi.json",
    "/healthz, /healthz",
    "/readyz, /readyz",
    "/v1/images/{id}, /v1/images/no/such",
    "/v1/images/generated/{sha256}, /v1/images/generated/no",
  })
  void gets_areAsDescribed(String path, String address) throws Exception {
    checkAnswer(operation("GET", path), running.http.get(address));
  }

  @Test
  void sessions_areAsDescribed() throws Exception {
    running.http.post(
        "/v1/chat/completions",
        "{\"session_id\": \"s\", \"messages\": [{\"role\": \"user\", \"content\": \"blue\"}]}");
    String one = "/v1/sessions/{id}";
    checkAnswer(operation("GET", "/v1/sessions"), running.http.get("/v1/sessions"));
    checkAnswer(operation("GET", one), running.http.get("/v1/sessions/s"));
    checkAnswer(operation("GET", one), running.http.get("/v1/sessions/none"));
    checkAnswer(
        operation("PATCH", one),
        running.http.send("PATCH", "/v1/sessions/s", "application/json", "{\"title\": \"T\"}"));
    checkAnswer(operation("POST", one + "/fork"), running.http.post("/v1/sessions/s/fork", "{}"));
    checkAnswer(
        operation("POST", one + "/messages/{index}/image"),
        running.http.post("/v1/sessions/s/messages/1/image", "{\"n\": 2}"));
  }

  @Test
  void jobs_areAsDescribed() throws Exception {
    String drawing = "{\"kind\": \"generation\", \"prompt\": \"a blue banana\"}";
    HttpResponse<String> added = running.http.post("/v1/jobs", drawing);
    checkAnswer(operation("POST", "/v1/jobs"), added);
    String address = added.headers().firstValue("Location").orElseThrow();
    running.http.get(address + "/events");
    String one = "/v1/jobs/{id}";
    checkAnswer(operation("GET", one), running.http.get(address));
    checkAnswer(operation("GET", one + "/failures"), running.http.get(address + "/failures"));
    checkAnswer(
        operation("DELETE", one), running.http.send("DELETE", address, "application/json", ""));
  }

  private void checkAnswer(JsonNode operation, HttpResponse<String> response) {
    JsonNode described = operation.get("responses").get(Integer.toString(response.statusCode()));
    assertTrue(response.statusCode() < 500, response.body());
    if (described == null) {
      assertTrue(response.statusCode() >= 400, response.body());
      described = operation.get("responses").get("default");
    }
    String type = response.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
    JsonNode media = described.get("content").get(type);
    assertTrue(media != null, type + " is not described");
    assertEquals(List.of(), faults(media.get("schema"), Http.json(response)), response.body());
  }
}
