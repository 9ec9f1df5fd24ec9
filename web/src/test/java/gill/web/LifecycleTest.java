package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.EngineOptions;
import gill.engine.testing.TinyBundle;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// How a server begins and ends: what it says meanwhile, and what is still there afterwards.
class LifecycleTest {
  private final Path folder;

  LifecycleTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static void refused(HttpResponse<String> response, String code) {
    assertEquals(503, response.statusCode(), response.body());
    assertEquals(code, Http.json(response).get("code").stringValue());
    assertEquals("2", response.headers().firstValue("Retry-After").orElse(""));
  }

  @Test
  void serverWhoseModelsAreNotOpen_livesButIsNotReady() throws Exception {
    WebOptions options = new WebOptions("127.0.0.1", 0, RunningServer.LIMITS, null, 0);
    try (Server server = Server.listen(new ScriptedEngine(folder), EngineOptions.DEFAULT, options);
        Http http = new Http(server)) {
      assertEquals(200, http.get("/healthz").statusCode());
      assertEquals(200, http.get("/").statusCode());
      refused(http.get("/readyz"), "starting");
      refused(http.post("/v1/lookup", "{\"prompt\": \"an apple\"}"), "starting");
      server.ready();
      assertEquals(200, http.get("/readyz").statusCode());
      assertEquals(200, http.post("/v1/lookup", "{\"prompt\": \"an apple\"}").statusCode());
    }
  }

  @Test
  void draining_takesNothingNew_andWaitsOnlySoLong() throws Exception {
    try (RunningServer running = new RunningServer(folder);
        Http other = new Http(running.server);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<HttpResponse<String>> slow =
          threads.submit(() -> running.http.post("/v1/lookup", "{\"prompt\": \"slow\"}"));
      running.engine.slowBegan.await();
      Future<Boolean> drained = threads.submit(() -> running.server.drain(Duration.ofSeconds(2)));
      while (other.get("/readyz").statusCode() == 200) {
        Thread.onSpinWait();
      }
      refused(other.get("/readyz"), "stopping");
      refused(other.post("/v1/lookup", "{\"prompt\": \"an apple\"}"), "stopping");
      assertEquals(200, other.get("/healthz").statusCode());
      assertEquals(false, drained.get());
      slow.cancel(true);
    }
  }

  @Test
  void serverToldToStop_finishesWhatItHasBegun_andEndsWithZero() throws Exception {
    Path bundle = TinyBundle.copyTo(folder);
    Path index = TinyServer.index(folder, bundle);
    try (ChildServer child = new ChildServer(bundle, index, folder.resolve("state"));
        Http http = new Http(child.port());
        Http other = new Http(child.port());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<HttpResponse<String>> drawing =
          threads.submit(() ->
              http.post(
                  "/v1/images/generations",
                  "{\"prompt\": \"a house\", \"n\": 10, \"steps\": 100, \"response_format\":"
                      + " \"b64_json\"}"));
      while (!other.get("/metrics").body().contains("gill_requests_in_engine 1")) {
        assertTrue(!drawing.isDone(), "drawn too fast for this test");
      }
      child.stop();
      HttpResponse<String> ready = other.get("/readyz");
      while (ready.statusCode() == 200) {
        ready = other.get("/readyz");
      }
      refused(ready, "stopping");
      HttpResponse<String> drawn = drawing.get();
      assertEquals(200, drawn.statusCode(), drawn.body());
      assertEquals(10, Http.json(drawn).get("data").size());
      assertEquals(0, child.exitCode());
    }
  }

  @Test
  void sessionsAndFeedback_outliveAStopAndAKill() throws Exception {
    Path bundle = TinyBundle.copyTo(folder);
    Path index = TinyServer.index(folder, bundle);
    Path state = folder.resolve("state");
    try (ChildServer first = new ChildServer(bundle, index, state);
        Http http = new Http(first.port())) {
      say(http, "a house");
      praise(http, "a house");
      first.kill();
    }
    try (ChildServer second = new ChildServer(bundle, index, state);
        Http http = new Http(second.port())) {
      kept(http, 2, 1);
      say(http, "a boat");
      praise(http, "a boat");
      second.stop();
      assertEquals(0, second.exitCode());
    }
    try (ChildServer third = new ChildServer(bundle, index, state);
        Http http = new Http(third.port())) {
      kept(http, 4, 2);
    }
  }

  private static void say(Http http, String words) throws Exception {
    HttpResponse<String> answer =
        http.post(
            "/v1/chat/completions",
            """
            {"session_id": "s", "image_mode": "generate", "num_inference_steps": 2, "max_tokens": 8,
             "messages": [{"role": "user", "content": "%s"}]}
            """
                .formatted(words));
    assertEquals(200, answer.statusCode(), answer.body());
  }

  private static void praise(Http http, String words) throws Exception {
    HttpResponse<String> answer =
        http.post(
            "/v1/feedback",
            """
            {"event": "kept", "prompt": "%s", "shown": "retrieved", "image": "pictures/picture-1"}
            """
                .formatted(words));
    assertEquals(201, answer.statusCode(), answer.body());
  }

  /// The session, its generated pictures included, and the feedback.
  private static void kept(Http http, int messages, int feedback) throws Exception {
    JsonNode session = Http.json(http.get("/v1/sessions/s"));
    assertEquals(messages, session.get("messages").size(), session.toString());
    int pictures = 0;
    for (JsonNode url : session.findValues("image_url")) {
      assertEquals(200, http.bytes(url.get("url").stringValue()).statusCode(), url.toString());
      pictures++;
    }
    assertEquals(messages / 2, pictures, session.toString());
    assertEquals(
        feedback, Http.json(http.get("/v1/feedback?after=0&limit=10")).get("feedback").size());
  }
}
