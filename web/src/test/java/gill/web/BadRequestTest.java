package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.InferenceException;
import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Whatever is sent, the answer is a problem document that says the rule and the remedy.
@TestInstance(Lifecycle.PER_CLASS)
class BadRequestTest {
  private final Path folder;
  private final RunningServer running;

  BadRequestTest(@TempDir Path folder) {
    this.folder = folder;
    running = new RunningServer(folder);
  }

  @BeforeAll
  void answersAtAll() throws Exception {
    assertEquals(200, running.http.get("/healthz").statusCode());
  }

  @AfterAll
  void stop() {
    running.close();
  }

  private static JsonNode problem(HttpResponse<String> response, int status, String code) {
    assertEquals(status, response.statusCode(), response.body());
    assertTrue(
        response
            .headers()
            .firstValue("Content-Type")
            .orElse("")
            .startsWith("application/problem+json"));
    JsonNode json = Http.json(response);
    assertEquals(code, json.get("code").stringValue(), response.body());
    assertEquals(status, json.get("status").intValue());
    assertFalse(json.get("title").stringValue().isBlank());
    assertTrue(json.get("detail").stringValue().length() > 10, response.body());
    for (String trace : List.of("\tat ", "Exception", "java.", "gill.web")) {
      assertFalse(response.body().contains(trace), response.body());
    }
    return json;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/lookup | `` | 400 | invalid_json | ",
        "/v1/lookup | `{` | 400 | invalid_json | ",
        "/v1/lookup | `{\"prompt\": \"a\"} x` | 400 | invalid_json | ",
        "/v1/lookup | `{\"prompt\": \"a\", \"prompt\": \"b\"}` | 400 | invalid_json | ",
        "/v1/lookup | `[]` | 400 | wrong_type | ",
        "/v1/lookup | `null` | 400 | wrong_type | ",
        "/v1/lookup | `{}` | 400 | missing_field | prompt",
        "/v1/lookup | `{\"prompt\": null}` | 400 | missing_field | prompt",
        "/v1/lookup | `{\"prompt\": \"  \"}` | 422 | invalid_value | prompt",
        "/v1/lookup | `{\"prompt\": 7}` | 400 | wrong_type | prompt",
        "/v1/lookup | `{\"prompt\": \"a\", \"messages\": []}` | 400 | missing_field | prompt",
        "/v1/lookup | `{\"promt\": \"a\"}` | 400 | unknown_field | promt",
        "/v1/lookup | `{\"prompt\": \"a\", \"k\": 0}` | 422 | invalid_value | k",
        "/v1/lookup | `{\"prompt\": \"a\", \"k\": 101}` | 422 | invalid_value | k",
        "/v1/lookup | `{\"prompt\": \"a\", \"k\": \"4\"}` | 400 | wrong_type | k",
        "/v1/lookup | `{\"prompt\": \"a\", \"k\": 1.5}` | 400 | wrong_type | k",
        "/v1/lookup | `{\"prompt\": \"a\", \"k\": 99999999999999999999}` | 422 | invalid_value | k",
        "/v1/lookup | `{\"prompt\": \"a\", \"seed\": -1}` | 422 | invalid_value | seed",
        "/v1/lookup | `{\"prompt\": \"a\", \"n\": 17}` | 422 | invalid_value | n",
        "/v1/lookup | `{\"prompt\": \"a\", \"num_inference_steps\": 0}` | 422 | invalid_value | num_inference_steps",
        "/v1/lookup | `{\"prompt\": \"a\", \"guidance_scale\": 1e9}` | 422 | invalid_value | guidance_scale",
        "/v1/lookup | `{\"prompt\": \"a\", \"image_mode\": \"draw\"}` | 422 | invalid_value | image_mode",
        "/v1/lookup | `{\"prompt\": \"a\", \"image_mode\": \"AUTO\"}` | 422 | invalid_value | image_mode",
        "/v1/lookup | `{\"prompt\": \"a\", \"model\": \"gpt\"}` | 404 | model_not_found | model",
        "/v1/search | `{}` | 400 | missing_field | text",
        "/v1/search | `{\"text\": \"\"}` | 422 | invalid_value | text",
        "/v1/search | `{\"text\": \"a\", \"limit\": 0}` | 422 | invalid_value | limit",
        "/v1/search | `{\"text\": \"a\", \"image\": \"b\"}` | 400 | missing_field | text",
        "/v1/search | `{\"image\": \"%%%\"}` | 422 | invalid_value | image",
        "/v1/search | `{\"image\": \"aGVsbG8=\"}` | 422 | unreadable_image | image",
        "/v1/search | `{\"image\": \"http://example.org/a.png\"}` | 400 | remote_image | image",
        "/v1/search | `{\"image\": \"file:///etc/passwd\"}` | 400 | remote_image | image",
        "/v1/search | `{\"image\": \"/v1/images/noto/none\"}` | 422 | image_gone | image",
        "/v1/search | `{\"image\": \"data:text/html;base64,aGVsbG8=\"}` | 422 | invalid_value | image",
        "/v1/search | `{\"image\": \"data:image/png,abc\"}` | 422 | invalid_value | image",
        "/v1/chat/completions | `{}` | 400 | missing_field | messages",
        "/v1/chat/completions | `{\"messages\": []}` | 422 | invalid_value | messages",
        "/v1/chat/completions | `{\"messages\": \"hi\"}` | 400 | wrong_type | messages",
        "/v1/chat/completions | `{\"messages\": [7]}` | 400 | wrong_type | messages[0]",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\"}]}` | 400 | missing_field | messages[0].content",
        "/v1/chat/completions | `{\"messages\": [{\"content\": \"a\"}]}` | 400 | missing_field | messages[0].role",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"tool\", \"content\": \"a\"}]}` | 422 | invalid_value | messages[0].role",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \" \"}]}` | 422 | invalid_value | messages[0]",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}` | 422 | invalid_value | messages[0]",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\", \"tone\": 1}]}` | 400 | unknown_field | messages[0].tone",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"audio\"}]}]}` | 422 | invalid_value | messages[0].content[0].type",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": {\"url\": \"https://example.org/x.png\"}}]}]}` | 400 | remote_image | messages[0].content[0].image_url.url",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"stop\": \"x\"}` | 400 | unknown_field | stop",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"n\": 2}` | 422 | invalid_value | n",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"temperature\": 3}` | 422 | invalid_value | temperature",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"top_p\": 0}` | 422 | invalid_value | top_p",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"max_tokens\": 0}` | 422 | invalid_value | max_tokens",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"stream\": \"yes\"}` | 400 | wrong_type | stream",
        "/v1/chat/completions | `{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"session_id\": \"a b\"}` | 422 | invalid_value | session_id",
      })
  void request_thatBreaksARule_isRefusedByName(
      String path,
      String body,
      int status,
      String code,
      @org.jspecify.annotations.Nullable String field)
      throws Exception {
    JsonNode json = problem(running.http.post(path, body), status, code);
    if (field != null) {
      assertEquals(field, json.get("field").stringValue());
    }
  }

  @Test
  void unknownField_body_isPinned() throws Exception {
    String detail =
        "Unknown field \\\"promt\\\"; known here:"
            + " decision_threshold, guidance_scale, image_mode, k, messages, min_p_match, model, n,"
            + " negative_prompt, num_inference_steps, prompt, references, seed. Remove it or correct"
            + " its name.";
    assertEquals(
        "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
            + "\"code\":\"unknown_field\",\"detail\":\""
            + detail
            + "\",\"field\":\"promt\",\"error\":{\"message\":\""
            + detail
            + "\",\"type\":\"Bad Request\",\"code\":\"unknown_field\",\"param\":\"promt\"},\"request_id\":\"mine-1\"}",
        running.http.post("/v1/lookup", "{\"promt\": \"a\"}", "X-Request-Id", "mine-1").body());
  }

  @Test
  void deepNesting_isRefused() throws Exception {
    problem(running.http.post("/v1/lookup", "[".repeat(5000)), 400, "invalid_json");
  }

  @Test
  void tooLongTooManyTooLarge_areRefusedBeforeTheModelRuns() throws Exception {
    int before = running.engine.turns.size();
    problem(
        running.http.post("/v1/lookup", "{\"prompt\": \"" + "a".repeat(1001) + "\"}"),
        422,
        "prompt_too_long");
    problem(
        running.http.post("/v1/lookup", "{\"prompt\": \"" + "a".repeat(300_000) + "\"}"),
        413,
        "body_too_large");
    String message = "{\"role\": \"user\", \"content\": \"a\"},";
    problem(
        running.http.post(
            "/v1/chat/completions",
            "{\"messages\": [" + message.repeat(6) + message.replace("},", "}") + "]}"),
        422,
        "invalid_value");
    String small = Base64.getEncoder().encodeToString(ScriptedEngine.png(Color.RED, 16));
    String part =
        "{\"type\": \"image_url\", \"image_url\": {\"url\": \"data:image/png;base64,%s\"}}"
            .formatted(small);
    problem(
        running.http.post(
            "/v1/chat/completions",
            "{\"messages\": [{\"role\": \"user\", \"content\": [%s, %s, %s]}]}"
                .formatted(part, part, part)),
        422,
        "too_many_images");
    String large = Base64.getEncoder().encodeToString(new byte[40_000]);
    problem(
        running.http.post("/v1/search", "{\"image\": \"" + large + "\"}"), 413, "image_too_large");
    byte[] wide = ScriptedEngine.png(Color.RED, 1200);
    JsonNode problem =
        problem(
            running.http.post(
                "/v1/search", "{\"image\": \"" + Base64.getEncoder().encodeToString(wide) + "\"}"),
            422,
            "unreadable_image");
    assertTrue(problem.get("detail").stringValue().contains("1200x1200"), problem.toString());
    assertEquals(before, running.engine.turns.size());
  }

  @Test
  void wrongAddressMethodAndType_areRefused() throws Exception {
    problem(running.http.get("/v1/nothing"), 404, "not_found");
    problem(running.http.get("/v1/images/no/such"), 404, "image_not_found");
    problem(running.http.get("/v1/images/generated/00"), 404, "image_not_found");
    HttpResponse<String> get = running.http.get("/v1/lookup");
    problem(get, 405, "method_not_allowed");
    assertEquals("POST", get.headers().firstValue("Allow").orElse(""));
    problem(
        running.http.send("POST", "/v1/lookup", "text/plain", "{\"prompt\": \"a\"}"),
        415,
        "unsupported_media_type");
    problem(running.http.get("/v1/images/..%2f..%2fpom.xml"), 404, "image_not_found");
  }

  @Test
  void goneImageFile_isSaidToBeGone() throws Exception {
    Files.delete(folder.resolve("twemoji_umbrella.png"));
    problem(running.http.get("/v1/images/twemoji/umbrella"), 410, "image_gone");
  }

  @Test
  void requestThatIsNotHttp_getsAProblem() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", running.server.port())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      String answer = read(socket.getInputStream());
      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertFalse(answer.contains("jetty"), answer);
      assertFalse(answer.contains("<html"), answer);
    }
  }

  private static String read(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void failingEngine_isAnswered500WithoutDetails() throws Exception {
    running.engine.failure = new IllegalStateException("secret detail");
    for (String path : List.of("/v1/lookup", "/v1/chat/completions")) {
      HttpResponse<String> response = running.http.post(path, body(path, "broken"));
      problem(response, 500, "internal_error");
      assertFalse(response.body().contains("secret"), response.body());
    }
  }

  @Test
  void fullEngine_isAnswered503WithRetryAfter() throws Exception {
    running.engine.failure = InferenceException.overloaded("the queue of 16 is full");
    HttpResponse<String> response = running.http.post("/v1/lookup", body("/v1/lookup", "full"));
    problem(response, 503, "overloaded");
    assertEquals("2", response.headers().firstValue("Retry-After").orElse(""));
  }

  @Test
  void promptThatDoesNotFitTheModel_isAnswered422() throws Exception {
    running.engine.failure = InferenceException.refused("the prompt has 9000 tokens, 8192 fit");
    JsonNode json =
        problem(running.http.post("/v1/lookup", body("/v1/lookup", "full")), 422, "refused");
    assertEquals("The prompt has 9000 tokens, 8192 fit.", json.get("detail").stringValue());
  }

  @Test
  void moreRequestsThanPlaces_areRefusedAtOnce(@TempDir Path other) throws Exception {
    try (RunningServer busy = new RunningServer(other);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> all = new ArrayList<>();
      List<Http> clients = new ArrayList<>();
      for (int i = 0; i < RunningServer.PLACES; i++) {
        Http client = new Http(busy.server);
        clients.add(client);
        all.add(threads.submit(() -> client.post("/v1/lookup", body("/v1/lookup", "slow"))));
      }
      String gauge = "gill_requests_in_engine " + RunningServer.PLACES;
      while (!busy.http.get("/metrics").body().contains(gauge)) {
        Thread.onSpinWait();
      }
      HttpResponse<String> refused = busy.http.post("/v1/lookup", body("/v1/lookup", "apple"));
      problem(refused, 503, "overloaded");
      assertEquals("2", refused.headers().firstValue("Retry-After").orElse(""));
      threads.shutdownNow();
      while (!busy.http.get("/metrics").body().contains("gill_requests_in_engine 0")) {
        Thread.onSpinWait();
      }
      assertEquals(200, busy.http.post("/v1/lookup", body("/v1/lookup", "apple")).statusCode());
      clients.forEach(Http::close);
    }
  }

  private static String body(String path, String words) {
    return path.endsWith("lookup")
        ? "{\"prompt\": \"%s\"}".formatted(words)
        : "{\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}".formatted(words);
  }

  @Test
  void takenPort_isSaidClearly(@TempDir Path other) {
    PortInUseException refused =
        org.junit.jupiter.api.Assertions.assertThrows(
            PortInUseException.class,
            () ->
                Server.start(
                        new ScriptedEngine(other),
                        gill.engine.EngineOptions.DEFAULT,
                        WebOptions.DEFAULT.withPort(running.server.port()))
                    .close());
    assertTrue(String.valueOf(refused.getMessage()).contains("127.0.0.1:" + running.server.port()));
  }
}
