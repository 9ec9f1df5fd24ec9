package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.web.access.ApiKeys;
import gill.web.access.Scope;
import gill.web.api.Api;
import gill.web.api.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams that were asked to be resumable: they outlive their connection for a while and are read
/// on where it broke.
class ResumeTest {
  private static final int WAIT_SECONDS = 30;

  private final Path folder;
  private RunningServer running;

  ResumeTest(@TempDir Path folder) {
    this.folder = folder;
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private void restart(Duration grace) {
    running.close();
    running = new RunningServer(folder, 0, new Patience(Duration.ofSeconds(30), 1024, grace));
  }

  /// A connection whose answer is read by hand.
  private record Line(Socket socket, BufferedReader reader, String stream)
      implements AutoCloseable {
    /// The lines that come until one holds `end`, without the empty ones.
    String until(String end) throws IOException {
      StringBuilder read = new StringBuilder();
      String line = reader.readLine();
      while (line != null) {
        // Chunks' sizes stand between the lines.
        if (line.contains(": ")) {
          read.append(line).append('\n');
        }
        if (line.contains(end)) {
          return read.toString();
        }
        line = reader.readLine();
      }
      return read.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private Line post(String path, String body) throws IOException {
    Socket socket = new Socket("127.0.0.1", running.server.port());
    socket.setSoTimeout(WAIT_SECONDS * 1000);
    String request =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    assertEquals("HTTP/1.1 200 OK", reader.readLine());
    String stream = "";
    String line = reader.readLine();
    while (!line.isEmpty()) {
      if (line.startsWith("X-Stream-Id: ")) {
        stream = line.substring("X-Stream-Id: ".length());
      }
      line = reader.readLine();
    }
    return new Line(socket, reader, "/v1/streams/" + stream);
  }

  private static String chat(String words) {
    return """
    {"stream": true, "resumable": true, "session_id": "s",
     "messages": [{"role": "user", "content": "%s"}]}
    """
        .formatted(words);
  }

  private static List<String> lines(HttpResponse<String> response) {
    return response.body().lines().filter(line -> !line.isEmpty()).toList();
  }

  @Test
  void chat_whoseConnectionBreaks_isReadOnWhereItBroke() throws Exception {
    String read;
    String stream;
    try (Line line = post("/v1/chat/completions", chat("hold an apple"))) {
      read = line.until("what you asked for");
      stream = line.stream();
    }
    assertTrue(read.startsWith("id: 1\ndata: {"), read);
    assertTrue(read.contains("\nid: 3\ndata: {"), read);
    running.engine.mayGoOn.countDown();
    HttpResponse<String> rest = running.http.get(stream + "/events", "Last-Event-ID", "3");
    assertEquals(
        "text/event-stream;charset=utf-8", rest.headers().firstValue("Content-Type").orElse(""));
    List<String> lines = lines(rest);
    assertEquals("id: 4", lines.getFirst());
    assertEquals("data: [DONE]", lines.getLast());
    assertFalse(rest.body().contains("what you asked for"), rest.body());
    assertTrue(rest.body().contains("/v1/images/noto/red-apple"), rest.body());
    assertTrue(rest.body().contains("Enjoy."), rest.body());
    assertEquals(2, Http.json(running.http.get("/v1/sessions/s")).get("messages").size());
    // It can be read once more from its beginning; behind its end there is nothing to wait for.
    HttpResponse<String> whole = running.http.get(stream + "/events");
    assertEquals("id: 1", lines(whole).getFirst());
    String last = lines.get(lines.size() - 2).substring("id: ".length());
    assertEquals(204, running.http.get(stream + "/events", "Last-Event-ID", last).statusCode());
    assertEquals(1, running.engine.turns.size());
    assertFalse(running.http.get("/metrics").body().contains("gill_cancelled_total 1"));
  }

  @Test
  void drawing_isReadOnToo_itsLooksIncluded() throws Exception {
    String body =
        "{\"prompt\": \"blue\", \"stream\": true, \"resumable\": true, \"partial_images\": 2}";
    String stream;
    String all;
    try (Line line = post("/v1/images/generations", body)) {
      stream = line.stream();
      all = line.until("data: {\"type\":\"image_generation.completed\"");
    }
    assertTrue(all.contains("id: 1\n: progress {"), all);
    HttpResponse<String> rest = running.http.get(stream + "/events", "Last-Event-ID", "2");
    assertEquals("id: 3", lines(rest).getFirst());
    assertTrue(rest.body().contains("\"partial_image_index\":1"), rest.body());
    assertFalse(rest.body().contains("\"partial_image_index\":0"), rest.body());
    assertTrue(rest.body().contains("event: image_generation.completed"), rest.body());
  }

  @Test
  void stream_thatNobodyReadsOn_stopsAfterItsGrace() throws Exception {
    restart(Duration.ofMillis(100));
    String stream;
    try (Line line = post("/v1/chat/completions", chat("slow"))) {
      line.until("Thinking");
      stream = line.stream();
    }
    assertTrue(running.engine.slowCancelled.await(WAIT_SECONDS, TimeUnit.SECONDS));
    gone(stream);
  }

  private void gone(String stream) throws Exception {
    HttpResponse<String> gone = running.http.get(stream + "/events", "Last-Event-ID", "2");
    assertEquals(404, gone.statusCode());
    assertEquals("stream_not_found", Http.json(gone).get("code").stringValue());
  }

  @Test
  void stream_thatIsDeleted_stopsWithinAStep() throws Exception {
    try (Line line = post("/v1/chat/completions", chat("slow"))) {
      line.until("Thinking");
      HttpResponse<String> deleted =
          running.http.send("DELETE", line.stream(), "application/json", "");
      assertEquals(204, deleted.statusCode());
      assertTrue(running.engine.slowCancelled.await(WAIT_SECONDS, TimeUnit.SECONDS));
      gone(line.stream());
    }
    assertEquals(404, running.http.get("/v1/sessions/s").statusCode());
  }

  @Test
  void clientThatLeftBeforeItsFirstEvent_cannotComeBack_soTheWorkStops() throws Exception {
    String body = "{\"prompt\": \"slow\", \"stream\": true, \"resumable\": true}";
    try (Socket socket = new Socket("127.0.0.1", running.server.port())) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\n"
                      + "Content-Type: application/json\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.UTF_8));
      running.engine.slowBegan.await();
    }
    assertTrue(running.engine.slowCancelled.await(WAIT_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void serverThatStops_doesNotWaitForTheGrace() throws Exception {
    restart(Duration.ofHours(1));
    try (Line line = post("/v1/chat/completions", chat("slow"))) {
      line.until("Thinking");
    }
    running.close();
    assertEquals(0, running.engine.slowCancelled.getCount());
  }

  @Test
  void failureBeforeTheFirstEvent_hasItsOwnStatus() throws Exception {
    assertEquals(500, running.http.post("/v1/chat/completions", chat("broken")).statusCode());
  }

  @Test
  void streamOfAnotherKey_isNotThere() throws Exception {
    ApiKeys keys = new ApiKeys(folder.resolve("state").resolve(Api.KEYS));
    String mine = "Bearer " + keys.create("mine", Scope.READ);
    String other = "Bearer " + keys.create("other", Scope.READ);
    HttpResponse<String> streamed =
        running.http.post("/v1/chat/completions", chat("apple"), "Authorization", mine);
    String stream = "/v1/streams/" + streamed.headers().firstValue("X-Stream-Id").orElseThrow();
    assertEquals(404, running.http.get(stream + "/events", "Authorization", other).statusCode());
    assertEquals(200, running.http.get(stream + "/events", "Authorization", mine).statusCode());
    assertEquals(401, running.http.get(stream + "/events").statusCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions {\"resumable\": true, \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}",
        "/v1/images/generations {\"resumable\": true, \"prompt\": \"a\"}",
      })
  void whatIsNoStream_isNotResumable(String request) throws Exception {
    String[] parts = request.split(" ", 2);
    HttpResponse<String> refused = running.http.post(parts[0], parts[1]);
    assertEquals(422, refused.statusCode());
    assertEquals("resumable", Http.json(refused).get("field").stringValue());
  }

  @Test
  void numberThatIsNone_isRefused() throws Exception {
    assertEquals(
        422, running.http.get("/v1/streams/stream-0/events", "Last-Event-ID", "x").statusCode());
    assertEquals(404, running.http.get("/v1/streams/stream-0/events").statusCode());
  }
}
