package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Streamed answers: their events, their order, and what happens when the client leaves.
class StreamTest {
  private final RunningServer running;

  StreamTest(@TempDir Path folder) {
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private static String chat(String words, String more) {
    return "{\"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]%s}"
        .formatted(words, more);
  }

  private static JsonNode data(String line) {
    assertTrue(line.startsWith("data: "), line);
    return Http.JSON.readTree(line.substring(6));
  }

  @Test
  void drawnImage_comesAfterItsTextAndItsProgress() throws Exception {
    List<String> lines = running.http.stream("/v1/chat/completions", chat("a blue banana", ""));
    assertEquals("assistant", data(lines.get(0)).at("/choices/0/delta/role").stringValue());
    assertEquals("Here is ", data(lines.get(1)).at("/choices/0/delta/content").stringValue());
    assertEquals(
        "what you asked for: ", data(lines.get(2)).at("/choices/0/delta/content").stringValue());
    assertEquals(": progress {\"of\":3,\"stage\":\"diffusion\",\"step\":1}", sorted(lines.get(3)));
    JsonNode image = data(lines.get(6)).at("/choices/0/delta/images/0");
    assertEquals("image_url", image.get("type").stringValue());
    assertTrue(
        image.at("/image_url/url").stringValue().startsWith("/v1/images/generated/"), lines.get(6));
    assertEquals(0.12, image.at("/gill/decision/p_retrieve").doubleValue());
    assertEquals(" Enjoy.", data(lines.get(7)).at("/choices/0/delta/content").stringValue());
    JsonNode last = data(lines.get(8));
    assertEquals("stop", last.at("/choices/0/finish_reason").stringValue());
    assertEquals(21, last.at("/usage/total_tokens").intValue());
    assertEquals(120.5, last.at("/gill/timings_ms/language_model").doubleValue());
    assertEquals("data: [DONE]", lines.get(9));
    assertEquals(10, lines.size());
    for (String line : lines.subList(0, 9)) {
      if (line.startsWith("data: ")) {
        assertEquals("chat.completion.chunk", data(line).get("object").stringValue());
        assertEquals(data(lines.get(0)).get("id"), data(line).get("id"));
      }
    }
  }

  private static String sorted(String comment) {
    JsonNode json = Http.JSON.readTree(comment.substring(": progress ".length()));
    return ": progress {\"of\":%d,\"stage\":\"%s\",\"step\":%d}"
        .formatted(
            json.get("of").intValue(),
            json.get("stage").stringValue(),
            json.get("step").intValue());
  }

  @Test
  void previews_comeAsOftenAsAskedFor() throws Exception {
    List<String> lines =
        running.http.stream("/v1/chat/completions", chat("a blue banana", ", \"previews\": 1"));
    List<String> previews = lines.stream().filter(it -> it.startsWith(": preview ")).toList();
    assertEquals(1, previews.size(), lines.toString());
    JsonNode preview = Http.JSON.readTree(previews.getFirst().substring(": preview ".length()));
    assertEquals(2, preview.get("step").intValue());
    assertEquals(3, preview.get("of").intValue());
    byte[] png = java.util.Base64.getDecoder().decode(preview.get("b64_json").stringValue());
    assertEquals(2, javax.imageio.ImageIO.read(new java.io.ByteArrayInputStream(png)).getWidth());
  }

  @Test
  void imageThatCannotBeShown_isSaid() throws Exception {
    List<String> lines = running.http.stream("/v1/chat/completions", chat("nothing", ""));
    assertEquals(
        "nothing fits",
        data(lines.get(3)).at("/choices/0/delta/without_image/0/note").stringValue());
  }

  @Test
  void includeUsage_addsAChunkWithoutChoices() throws Exception {
    List<String> lines =
        running.http.stream(
            "/v1/chat/completions",
            chat("apple", ", \"stream_options\": {\"include_usage\": true}"));
    JsonNode usage = data(lines.get(lines.size() - 2));
    assertEquals(0, usage.get("choices").size());
    assertEquals(9, usage.at("/usage/completion_tokens").intValue());
  }

  @Test
  void failureBeforeTheFirstOutput_hasItsOwnStatus() throws Exception {
    assertEquals(500, running.http.post("/v1/chat/completions", chat("broken", "")).statusCode());
  }

  @Test
  void failureMidway_isTheLastEvent() throws Exception {
    List<String> lines = running.http.stream("/v1/chat/completions", chat("midway", ""));
    assertEquals(
        "internal_error", data(lines.get(lines.size() - 2)).at("/error/code").stringValue());
    assertEquals("data: [DONE]", lines.getLast());
  }

  @ParameterizedTest
  @ValueSource(strings = {"stream", "whole", "lookup", "drawing", "drawing streamed"})
  void clientThatLeaves_stopsTheWork(String kind) throws IOException, InterruptedException {
    String path =
        switch (kind) {
          case "lookup" -> "/v1/lookup";
          case "drawing", "drawing streamed" -> "/v1/images/generations";
          default -> "/v1/chat/completions";
        };
    String body =
        switch (kind) {
          case "stream" -> chat("slow", "");
          case "whole" -> "{\"messages\": [{\"role\": \"user\", \"content\": \"slow\"}]}";
          case "drawing streamed" ->
              "{\"prompt\": \"slow\", \"stream\": true, \"partial_images\": 3}";
          default -> "{\"prompt\": \"slow\"}";
        };
    try (Socket socket = send(path, body)) {
      assertTrue(running.engine.slowBegan.await(20, TimeUnit.SECONDS));
      if (kind.equals("stream")) {
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        assertEquals("HTTP/1.1 200 OK", reader.readLine());
      }
    }
    assertTrue(running.engine.slowCancelled.await(20, TimeUnit.SECONDS));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!running.http.get("/metrics").body().contains("gill_requests_in_engine 0")
        && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    String metrics = running.http.get("/metrics").body();
    assertTrue(metrics.contains("gill_cancelled_total 1"), metrics);
    assertTrue(metrics.contains("gill_requests_in_engine 0"), metrics);
  }

  private Socket send(String path, String body) throws IOException {
    Socket socket = new Socket("127.0.0.1", running.server.port());
    String request =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    return socket;
  }
}
