package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests made to do harm are refused as what they are, and the server goes on.
@TestInstance(Lifecycle.PER_CLASS)
class AbuseTest {
  private static final String GOOD = "{\"prompt\": \"a\"}";

  private final RunningServer running;

  AbuseTest(@TempDir Path folder) {
    running = new RunningServer(folder);
  }

  @AfterEach
  void goesOn() throws Exception {
    assertEquals(200, running.http.post("/v1/lookup", GOOD).statusCode());
  }

  @AfterAll
  void stop() {
    running.close();
  }

  /// Sends the bytes and reads until the server closes.
  private String raw(byte[]... parts) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", running.server.port())) {
      socket.setSoTimeout(10_000);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] part : parts) {
        all.write(part);
      }
      socket.getOutputStream().write(all.toByteArray());
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String lookup(byte[] body) throws IOException {
    String head =
        "POST /v1/lookup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    return raw(ascii(head), body);
  }

  private static void refused(String answer) {
    assertTrue(answer.matches("(?s)HTTP/1\\.1 4[0-9][0-9] .*"), answer);
    assertTrue(answer.contains("application/problem+json"), answer);
    for (String inside : List.of("\tat ", "Exception", "jetty", "<html", "root:")) {
      assertFalse(answer.contains(inside), answer);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"prompt\": \"\u00ff\u00fe\"}",
        "{\"prompt\": \"\u00c0\u00af\"}",
        "{\"prompt\": \"\u00ed\u00a0\u0080\"}",
        "{\"prompt\": \"a\u0000b\"}",
        "{\"prompt\": \"a\", \"seed\": 1e400}",
        "{\"prompt\": \"a\", \"guidance_scale\": 1e400}",
        "{\"prompt\": \"a\", \"guidance_scale\": NaN}",
        "{\"prompt\": \"a\", \"seed\": 0x10}",
        "{prompt: 'a'}",
        "{\"prompt\": \"a\"}{\"prompt\": \"b\"}",
        "{\"__proto__\": {}, \"prompt\": \"a\"}",
      })
  void jsonThatIsNone_isRefused(String body) throws IOException {
    refused(lookup(ascii(body)));
  }

  @Test
  void numberOfThousandsOfDigits_isRefused() throws IOException {
    refused(lookup(ascii("{\"prompt\": \"a\", \"seed\": 1" + "0".repeat(100_000) + "}")));
    refused(lookup(ascii("{\"prompt\": \"a\", \"seed\": 1e1000000000}")));
    refused(lookup(ascii("{\"prompt\": \"a\", \"" + "k".repeat(60_000) + "\": 1}")));
    refused(lookup(ascii("{\"a\":".repeat(30_000))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "POST /v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /v1/images/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /v1/images/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /v1/images/generated/..%2f..%2fkeys HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /..;/..;/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /v1/images/a%00b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /v1/sessions/..%2fkeys HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      })
  void headThatIsAmbiguousOrClimbs_isRefused(String request) throws IOException {
    refused(raw(ascii(request)));
  }

  @Test
  void headThatIsTooLarge_isRefused() throws IOException {
    refused(
        raw(
            ascii(
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: "
                    + "a".repeat(20_000)
                    + "\r\n\r\n")));
  }

  @Test
  void otherSites_areAllowedNothing() throws Exception {
    HttpResponse<String> asked = running.http.get("/v1/models", "Origin", "https://evil.example");
    assertTrue(asked.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
    assertEquals(
        "same-origin", asked.headers().firstValue("Cross-Origin-Resource-Policy").orElse(""));
    String preflight =
        raw(
            ascii(
                "OPTIONS /v1/lookup HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
                    + "Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"));
    assertFalse(preflight.contains("Access-Control-Allow"), preflight);
    for (String path : List.of("/", "/v1/models", "/v1/nothing")) {
      String policy = policy(path);
      assertTrue(policy.contains("default-src 'self'"), path + " " + policy);
      assertFalse(policy.contains("unsafe"), policy);
    }
    // A picture opened by itself may be a drawing with a script in it.
    String picture = policy("/v1/images/noto/red-apple");
    assertTrue(picture.contains("default-src 'none'") && picture.contains("sandbox"), picture);
  }

  private String policy(String path) throws IOException, InterruptedException {
    return running.http.get(path).headers().firstValue("Content-Security-Policy").orElse("");
  }
}
