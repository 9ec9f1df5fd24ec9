package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.PromptPart;
import gill.engine.flow.Turn;
import java.awt.Color;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The shapes that clients rely on.
class AnswerShapesTest {
  private final RunningServer running;

  AnswerShapesTest(@TempDir Path folder) {
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private static List<String> names(JsonNode object) {
    return List.copyOf(object.propertyNames());
  }

  @Test
  void lookup_ofAPromptThatTheCorpusHas_namesTheImageAndWhy() throws Exception {
    HttpResponse<String> response =
        running.http.post(
            "/v1/lookup", "{\"prompt\": \"a red apple\", \"image_mode\": \"auto\", \"k\": 2}");
    JsonNode json = Http.json(response);
    assertEquals(200, response.statusCode());
    assertEquals(List.of("decision", "image", "candidates", "note", "timings_ms"), names(json));
    assertEquals("retrieve", json.at("/decision/choice").stringValue());
    assertEquals(0.83, json.at("/decision/p_retrieve").doubleValue());
    assertEquals("retrieved", json.at("/image/kind").stringValue());
    assertEquals("noto/red-apple", json.at("/image/id").stringValue());
    assertEquals("/v1/images/noto/red-apple", json.at("/image/url").stringValue());
    assertEquals("red apple", json.at("/image/caption").stringValue());
    assertEquals(0.91, json.at("/image/score").doubleValue());
    assertEquals("Noto Emoji", json.at("/image/source").stringValue());
    assertEquals("Apache-2.0", json.at("/image/licence").stringValue());
    assertEquals("corpus-7", json.at("/image/corpus_version").stringValue());
    assertEquals("Google", json.at("/image/author").stringValue());
    assertEquals(2, json.at("/candidates").size());
    assertEquals(55.25, json.at("/timings_ms/language_model").doubleValue());
  }

  @Test
  void lookup_ofAPromptThatIsDrawn_namesSeedStepsModelAndConfidence() throws Exception {
    JsonNode image =
        Http.json(running.http.post("/v1/lookup", "{\"prompt\": \"a blue banana\"}")).get("image");
    assertEquals("generated", image.get("kind").stringValue());
    assertEquals(7, image.get("seed").intValue());
    assertEquals(20, image.get("steps").intValue());
    assertEquals(4.5, image.get("guidance_scale").doubleValue());
    assertEquals("icons 1.0.0", image.get("model").stringValue());
    assertEquals(0.74, image.get("confidence").doubleValue());
    assertTrue(image.get("url").stringValue().startsWith("/v1/images/generated/"));
    assertFalse(image.has("licence"));
  }

  @Test
  void lookup_withNothingToShow_hasANullImageAndAReason() throws Exception {
    JsonNode json = Http.json(running.http.post("/v1/lookup", "{\"prompt\": \"nothing\"}"));
    assertTrue(json.get("image").isNull());
    assertEquals("none", json.at("/decision/choice").stringValue());
    assertEquals("nothing fits", json.get("note").stringValue());
  }

  @Test
  void lookup_passesEveryOptionOn() throws Exception {
    running.http.post(
        "/v1/lookup",
        """
        {"messages": [{"role": "user", "content": "a blue banana"}], "image_mode": "generate",
         "k": 3, "seed": 42, "num_inference_steps": 12, "guidance_scale": 2.5, "n": 4, "decision_threshold": 0.7}
        """);
    Turn turn = running.engine.turns.getFirst();
    assertEquals(ImageMode.GENERATE, turn.imageMode());
    assertEquals(3, turn.k());
    assertEquals(42, turn.generation().seed());
    assertEquals(12, turn.generation().numInferenceSteps());
    assertEquals(2.5, turn.generation().guidanceScale());
    assertEquals(4, turn.generation().candidates());
    assertEquals(0.7, turn.decisionThreshold());
  }

  @Test
  void search_byTextAndByImage_listsHits() throws Exception {
    JsonNode byText =
        Http.json(running.http.post("/v1/search", "{\"text\": \"apple\", \"limit\": 2}"));
    assertEquals(2, byText.get("hits").size());
    assertEquals(
        List.of("id", "caption", "score", "p_match", "url", "source", "licence", "author", "names"),
        names(byText.at("/hits/0")));
    assertEquals("roter Apfel", byText.at("/hits/0/names/de").stringValue());
    assertFalse(byText.at("/hits/1").has("names"));
    String picture = Base64.getEncoder().encodeToString(ScriptedEngine.png(Color.RED, 32));
    for (String image : List.of(picture, "data:image/png;base64," + picture)) {
      JsonNode byImage =
          Http.json(running.http.post("/v1/search", "{\"image\": \"" + image + "\"}"));
      assertEquals("noto/red-apple", byImage.at("/hits/0/id").stringValue());
    }
  }

  @Test
  void chat_withAnImage_hasOrderedPartsWithProvenance() throws Exception {
    JsonNode json =
        Http.json(
            running.http.post(
                "/v1/chat/completions",
                "{\"model\": \"icons\", \"messages\": [{\"role\": \"user\", \"content\": \"apple\"}]}"));
    assertEquals("chat.completion", json.get("object").stringValue());
    assertTrue(json.get("id").stringValue().startsWith("chatcmpl-"));
    JsonNode content = json.at("/choices/0/message/content");
    assertEquals("text", content.at("/0/type").stringValue());
    assertEquals("Here is what you asked for: ", content.at("/0/text").stringValue());
    assertEquals("image_url", content.at("/1/type").stringValue());
    assertEquals("/v1/images/noto/red-apple", content.at("/1/image_url/url").stringValue());
    assertEquals(0.83, content.at("/1/gill/decision/p_retrieve").doubleValue());
    assertEquals("Google", content.at("/1/gill/image/author").stringValue());
    assertEquals(4, content.at("/1/gill/candidates").size());
    assertEquals(" Enjoy.", content.at("/2/text").stringValue());
    assertEquals("stop", json.at("/choices/0/finish_reason").stringValue());
    assertEquals(21, json.at("/usage/total_tokens").intValue());
    assertEquals(5, json.at("/usage/prompt_tokens_details/cached_tokens").intValue());
    assertEquals(120.5, json.at("/gill/timings_ms/language_model").doubleValue());
  }

  @Test
  void chat_withoutAnImage_hasAString() throws Exception {
    JsonNode json =
        Http.json(
            running.http.post(
                "/v1/chat/completions",
                """
                {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}],
                 "image_mode": "none"}
                """));
    assertEquals(
        "Here is what you asked for: ", json.at("/choices/0/message/content").stringValue());
  }

  @Test
  void chat_withImagesOfAllKinds_resolvesThem() throws Exception {
    JsonNode first =
        Http.json(running.http.post("/v1/lookup", "{\"prompt\": \"a blue banana\"}")).get("image");
    String upload =
        "data:image/png;base64,"
            + Base64.getEncoder().encodeToString(ScriptedEngine.png(Color.RED, 40));
    HttpResponse<String> response =
        running.http.post(
            "/v1/chat/completions",
            """
            {"messages": [
              {"role": "user", "content": "apple"},
              {"role": "assistant", "content": [{"type": "image_url",
                "image_url": {"url": "/v1/images/noto/red-apple"}, "gill": {"any": "thing"}}]},
              {"role": "user", "content": [{"type": "text", "text": "like this? %s"},
                {"type": "image_url", "image_url": {"url": "%s", "detail": "low"}}]}]}
            """
                .formatted(first.get("kind").stringValue(), upload));
    assertEquals(200, response.statusCode(), response.body());
    Turn turn = running.engine.turns.getLast();
    assertEquals(Set.of(new ImageId("noto/red-apple")), turn.shown());
    assertEquals(2, turn.history().size());
    assertTrue(
        turn.parts().getLast() instanceof PromptPart.ImagePart(var pixels) && pixels.width() == 40);
    assertTrue(
        turn.history().getLast().parts().getFirst() instanceof PromptPart.ImagePart(var pixels)
            && pixels.width() == 96);
  }

  @Test
  void chat_withASession_remembersTextAndImages() throws Exception {
    for (String words : List.of("apple", "and another")) {
      running.http.post(
          "/v1/chat/completions",
          "{\"session_id\": \"s1\", \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
              .formatted(words));
    }
    Turn second = running.engine.turns.getLast();
    assertEquals(2, second.history().size());
    assertEquals(3, second.history().getLast().parts().size());
    assertEquals(Set.of(new ImageId("noto/red-apple")), second.shown());
  }

  @Test
  void models_healthAndReadiness_answer() throws Exception {
    assertEquals("icons", Http.json(running.http.get("/v1/models")).at("/data/0/id").stringValue());
    assertEquals("up", Http.json(running.http.get("/healthz")).get("status").stringValue());
    assertEquals(5, Http.json(running.http.get("/readyz")).get("images").intValue());
  }

  @Test
  void metrics_countRequestsDecisionsAndStages() throws Exception {
    running.http.post("/v1/lookup", "{\"prompt\": \"apple\"}");
    running.http.get("/no/such/page");
    String text = running.http.get("/metrics").body();
    assertTrue(text.contains("gill_decisions_total{choice=\"retrieve\",forced=\"false\"} 1"), text);
    assertTrue(text.contains("gill_stage_seconds_count{stage=\"language_model\"} 1"), text);
    assertTrue(text.contains("route=\"/v1/lookup\",status=\"200\""), text);
    assertTrue(text.contains("gill_requests_in_engine 0"), text);
    assertTrue(text.contains("route=\"other\",status=\"404\""), text);
  }

  @Test
  void images_areServedWithTagsAndForDownload() throws IOException, InterruptedException {
    HttpResponse<byte[]> image = running.http.bytes("/v1/images/noto/red-apple");
    assertEquals("image/png", image.headers().firstValue("Content-Type").orElseThrow());
    assertEquals('P', image.body()[1]);
    String tag = image.headers().firstValue("ETag").orElseThrow();
    assertEquals(66, tag.length());
    assertEquals(
        304, running.http.get("/v1/images/noto/red-apple", "If-None-Match", tag).statusCode());
    assertEquals(
        "attachment; filename=\"noto-red-apple.png\"",
        running
            .http
            .bytes("/v1/images/noto/red-apple?download")
            .headers()
            .firstValue("Content-Disposition")
            .orElseThrow());
    String url =
        Http.json(running.http.post("/v1/lookup", "{\"prompt\": \"blue\"}"))
            .at("/image/url")
            .stringValue();
    HttpResponse<byte[]> drawn = running.http.bytes(url);
    assertEquals(200, drawn.statusCode());
    assertTrue(drawn.headers().firstValue("Cache-Control").orElseThrow().contains("immutable"));
  }

  @Test
  void everyAnswer_carriesSecurityHeaders() throws Exception {
    for (String path : List.of("/", "/v1/models", "/nothing")) {
      HttpResponse<String> response = running.http.get(path);
      String policy = response.headers().firstValue("Content-Security-Policy").orElse("");
      assertTrue(policy.startsWith("default-src 'self'"), path + ": " + policy);
      assertEquals(
          "nosniff", response.headers().firstValue("X-Content-Type-Options").orElse(""), path);
      assertTrue(response.headers().firstValue("Server").isEmpty(), path);
    }
  }
}
