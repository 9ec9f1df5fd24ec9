package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Every answer says what its request is called, and so does the log.
class RequestIdTest {
  private static final String LOOKUP = "{\"prompt\": \"an apple\"}";

  private final RunningServer running;

  RequestIdTest(@TempDir Path folder) {
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private static String id(HttpResponse<String> response) {
    return response.headers().firstValue("X-Request-Id").orElse("");
  }

  @Test
  void everyAnswer_hasAnId_anotherOneEachTime() throws Exception {
    String first = id(running.http.post("/v1/lookup", LOOKUP));
    assertTrue(first.matches("[0-9a-f]{16}"), first);
    assertNotEquals(first, id(running.http.post("/v1/lookup", LOOKUP)));
    for (String path : List.of("/", "/healthz", "/v1/models", "/v1/images/noto/red-apple")) {
      assertTrue(id(running.http.get(path)).matches("[0-9a-f]{16}"), path);
    }
    HttpResponse<String> missing = running.http.get("/v1/nothing");
    assertEquals(id(missing), Http.json(missing).get("request_id").stringValue());
  }

  @Test
  void callersId_isTaken_unlessItCouldBreakTheLog() throws Exception {
    String mine = "proxy-1.2/req:7+a=";
    assertEquals(mine, id(running.http.post("/v1/lookup", LOOKUP, "X-Request-Id", mine)));
    String stream = "{\"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}";
    assertEquals(mine, id(running.http.post("/v1/chat/completions", stream, "X-Request-Id", mine)));
    for (String bad : List.of("a b", "a\"b", "<b>", "x".repeat(129))) {
      String got = id(running.http.post("/v1/lookup", LOOKUP, "X-Request-Id", bad));
      assertTrue(got.matches("[0-9a-f]{16}"), got);
    }
  }

  @Test
  void requestThatIsNotHttp_hasOneToo() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", running.server.port())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(answer.matches("(?s).*X-Request-Id: ([0-9a-f]{16})\r\n.*\"\\1\".*"), answer);
    }
  }

  @Test
  void workOfTheModels_isTimedInTheHeadAndInTheLog() throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(Server.class);
    lines.start();
    Level usual = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try {
      String timing =
          running
              .http
              .post("/v1/lookup", LOOKUP, "X-Request-Id", "timed")
              .headers()
              .firstValue("Server-Timing")
              .orElse("");
      assertTrue(timing.matches("[a-z_]+;dur=[0-9.]+(, [a-z_]+;dur=[0-9.]+)*"), timing);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (lines.list.isEmpty() && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      ILoggingEvent line = lines.list.getFirst();
      assertEquals("timed", line.getMDCPropertyMap().get("request"));
      String stage = timing.substring(0, timing.indexOf(';'));
      assertTrue(
          line.getFormattedMessage().matches("POST /v1/lookup 200 [0-9]+ ms .*" + stage + "=.*"),
          line.getFormattedMessage());
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(usual);
    }
  }
}
