package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.EngineOptions;
import gill.web.access.ApiKeys;
import gill.web.access.RateLimits;
import gill.web.access.Scope;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys, scopes and rates.
class AccessTest {
  private static final String FEEDBACK =
      "{\"event\": \"kept\", \"prompt\": \"a\", \"shown\": \"retrieved\", \"image\": \"b\"}";
  private static final int PER_MINUTE = 5;

  private final Path folder;
  private final ApiKeys keys;
  private final Server server;
  private final HttpClient client = HttpClient.newHttpClient();

  AccessTest(@TempDir Path folder) {
    this.folder = folder;
    Path state = folder.resolve("state");
    keys = new ApiKeys(state.resolve("keys"));
    server =
        Server.start(
            new ScriptedEngine(folder),
            EngineOptions.DEFAULT,
            new WebOptions("127.0.0.1", 0, RunningServer.LIMITS, state, PER_MINUTE));
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String key)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(20))
            .method(method, BodyPublishers.ofString(body));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private int search(String key) throws Exception {
    return send("POST", "/v1/search", "{\"text\": \"a\"}", key).statusCode();
  }

  @Test
  void keys_areAskedForOnceThereIsOne_andGoWhenRevoked() throws Exception {
    assertEquals(200, search(""));
    String first = keys.create("first", Scope.READ);
    HttpResponse<String> without = send("POST", "/v1/search", "{\"text\": \"a\"}", "");
    assertEquals(401, without.statusCode());
    assertEquals("Bearer", without.headers().firstValue("WWW-Authenticate").orElse(""));
    assertEquals("missing_key", Http.json(without).get("code").stringValue());
    assertEquals(200, search(first));
    String second = keys.create("second", Scope.READ);
    assertEquals(200, search(second));
    assertTrue(keys.revoke("first"));
    assertEquals(401, search(first));
    assertTrue(keys.revoke("second"));
    assertEquals(401, search(second));
    assertEquals(200, send("GET", "/healthz", "", "").statusCode());
  }

  @Test
  void rotatedKey_isTakenBesideTheNewOne_asLongAsSaid_andItsSessionsStay() throws Exception {
    AtomicLong now = new AtomicLong(1_000_000);
    ApiKeys own = new ApiKeys(folder.resolve("own/keys"), () -> Instant.ofEpochSecond(now.get()));
    String first = own.create("a", Scope.WRITE);
    String second = own.rotate("a", Duration.ofMinutes(10));
    assertEquals("a", own.find(first).orElseThrow().name());
    assertEquals(Scope.WRITE, own.find(second).orElseThrow().scope());
    now.addAndGet(599);
    assertTrue(own.find(first).isPresent());
    now.addAndGet(1);
    assertTrue(own.find(first).isEmpty());
    String third = own.rotate("a", Duration.ZERO);
    assertTrue(own.find(second).isEmpty());
    assertEquals(1, own.list().size());
    assertTrue(own.revoke("a"));
    assertTrue(own.find(third).isEmpty());
    assertThrows(IllegalArgumentException.class, () -> own.rotate("a", Duration.ZERO));

    String old = keys.create("mine", Scope.READ);
    String chat =
        "{\"session_id\": \"s\", \"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]}";
    assertEquals(200, send("POST", "/v1/chat/completions", chat, old).statusCode());
    String fresh = keys.rotate("mine", Duration.ofHours(1));
    assertEquals(200, send("GET", "/v1/sessions/s", "", old).statusCode());
    assertEquals(200, send("GET", "/v1/sessions/s", "", fresh).statusCode());
    String last = keys.rotate("mine", Duration.ZERO);
    assertEquals(401, send("GET", "/v1/sessions/s", "", fresh).statusCode());
    assertEquals(200, send("GET", "/v1/sessions/s", "", last).statusCode());
  }

  @Test
  void scopes_includeTheLesserOnes() throws Exception {
    String reader = keys.create("reader", Scope.READ);
    String writer = keys.create("writer", Scope.WRITE);
    String admin = keys.create("admin", Scope.ADMIN);
    assertEquals(403, send("POST", "/v1/feedback", FEEDBACK, reader).statusCode());
    assertEquals(201, send("POST", "/v1/feedback", FEEDBACK, writer).statusCode());
    assertEquals(201, send("POST", "/v1/feedback", FEEDBACK, admin).statusCode());
    assertEquals(403, send("GET", "/v1/feedback", "", writer).statusCode());
    assertEquals(200, send("GET", "/v1/feedback", "", admin).statusCode());
    assertEquals(403, send("GET", "/metrics", "", reader).statusCode());
    assertEquals(200, search(admin));
  }

  @Test
  void sessions_belongToTheKeyTheyWereBegunWith() throws Exception {
    String mine = keys.create("mine", Scope.READ);
    String other = keys.create("other", Scope.READ);
    String chat =
        "{\"session_id\": \"s\", \"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]}";
    assertEquals(200, send("POST", "/v1/chat/completions", chat, mine).statusCode());
    assertEquals(200, send("GET", "/v1/sessions/s", "", mine).statusCode());
    assertEquals(404, send("GET", "/v1/sessions/s", "", other).statusCode());
    assertEquals(403, send("POST", "/v1/chat/completions", chat, other).statusCode());
    assertEquals("{\"sessions\":[],\"total\":0}", send("GET", "/v1/sessions", "", other).body());
  }

  @Test
  void browser_keepsAKeyInACookieThatScriptsCannotRead() throws Exception {
    assertEquals(409, send("POST", "/v1/key", "{\"key\": \"gill_x\"}", "").statusCode());
    assertEquals(
        "{\"required\":false,\"name\":null,\"scope\":null}", send("GET", "/v1/key", "", "").body());
    String secret = keys.create("mine", Scope.WRITE);
    assertEquals(401, send("POST", "/v1/key", "{\"key\": \"gill_x\"}", "").statusCode());
    HttpResponse<String> kept = send("POST", "/v1/key", "{\"key\": \"" + secret + "\"}", "");
    assertEquals(204, kept.statusCode());
    String cookie = kept.headers().firstValue("Set-Cookie").orElse("");
    assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
    HttpRequest picture =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/images/noto/red-apple"))
            .header("Cookie", cookie.split(";", 2)[0])
            .build();
    assertEquals(200, client.send(picture, BodyHandlers.ofString()).statusCode());
    assertTrue(keys.revoke("mine"));
    assertEquals(401, client.send(picture, BodyHandlers.ofString()).statusCode());
    HttpResponse<String> gone = send("DELETE", "/v1/key", "", "");
    assertEquals(204, gone.statusCode());
    String empty = gone.headers().firstValue("Set-Cookie").orElse("");
    assertTrue(empty.contains("1970"), empty);
  }

  @Test
  void keys_areNotOnTheDisk() throws Exception {
    String secret = keys.create("one", Scope.READ);
    String file = Files.readString(folder.resolve("state/keys"));
    assertFalse(file.contains(secret.substring("gill_".length())), file);
    assertTrue(file.matches("one read [0-9a-f]{64}\n"), file);
    assertThrows(IllegalArgumentException.class, () -> keys.create("one", Scope.READ));
    assertThrows(IllegalArgumentException.class, () -> keys.create("a b", Scope.READ));
  }

  @Test
  void moreThanTheRate_waits_eachCallerForItself() throws Exception {
    String busy = keys.create("busy", Scope.READ);
    String calm = keys.create("calm", Scope.READ);
    for (int i = 0; i < PER_MINUTE; i++) {
      assertEquals(200, search(busy));
    }
    HttpResponse<String> refused = send("POST", "/v1/search", "{\"text\": \"a\"}", busy);
    assertEquals(429, refused.statusCode());
    long wait = Long.parseLong(refused.headers().firstValue("Retry-After").orElse("0"));
    assertTrue(wait >= 1 && wait <= 60 / PER_MINUTE, "Retry-After " + wait);
    assertEquals(200, search(calm));
    for (int i = 0; i < PER_MINUTE; i++) {
      assertEquals(401, search("guess" + i));
    }
    assertEquals(429, search("one more guess"));
    assertEquals(200, search(calm));
  }

  @Test
  void rate_refillsEvenly() {
    AtomicLong now = new AtomicLong(1_000_000);
    RateLimits limits = new RateLimits(60, () -> Instant.ofEpochMilli(now.get()));
    for (int i = 0; i < 60; i++) {
      assertEquals(Duration.ZERO, limits.take("a"));
    }
    assertEquals(Duration.ofSeconds(1), limits.take("a"));
    assertEquals(Duration.ZERO, limits.take("b"));
    now.addAndGet(999);
    assertEquals(Duration.ofMillis(1), limits.take("a"));
    now.addAndGet(1);
    assertEquals(Duration.ZERO, limits.take("a"));
    assertFalse(limits.take("a").isZero());
  }
}
