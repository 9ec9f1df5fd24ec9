package gill.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageMode;
import gill.engine.flow.PromptPart;
import gill.engine.flow.Turn;
import java.awt.Color;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Conversations that the server keeps.
class SessionsTest {
  private final Path folder;
  private RunningServer running;

  SessionsTest(@TempDir Path folder) {
    this.folder = folder;
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private void restart() {
    running.close();
    running = new RunningServer(folder);
  }

  private JsonNode say(String session, String content) throws Exception {
    return chat(
        "{\"session_id\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": %s}]}"
            .formatted(session, content));
  }

  private JsonNode chat(String body) throws Exception {
    HttpResponse<String> response = running.http.post("/v1/chat/completions", body);
    assertEquals(200, response.statusCode(), response.body());
    return Http.json(response);
  }

  private JsonNode session(String id) throws Exception {
    return Http.json(running.http.get("/v1/sessions/" + id));
  }

  private static List<String> said(JsonNode session) {
    return session.get("messages").values().stream()
        .map(message ->
            message.get("role").stringValue()
                + ": "
                + String.join(
                    "|",
                    message.get("content").values().stream()
                        .map(part ->
                            part.has("text")
                                ? part.get("text").stringValue().strip()
                                : part.at("/image_url/url").stringValue())
                        .toList()))
        .toList();
  }

  private Turn lastTurn() {
    return running.engine.turns.getLast();
  }

  private long pictures() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("state/pictures"))) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void session_survivesARestart_withWhatWasSentAndShown() throws Exception {
    byte[] sent = ScriptedEngine.png(Color.PINK, 20);
    String uri = "data:image/png;base64," + Base64.getEncoder().encodeToString(sent);
    JsonNode first =
        say(
            "s",
            "[{\"type\": \"text\", \"text\": \"a red apple like\"},"
                + " {\"type\": \"image_url\", \"image_url\": {\"url\": \"%s\"}}]".formatted(uri));
    assertEquals(1, first.at("/gill/message").intValue());
    assertEquals(3, say("s", "\"and a blue one\"").at("/gill/message").intValue());
    assertEquals(2, pictures());
    restart();
    JsonNode session = session("s");
    String kept = session.at("/messages/0/content/1/image_url/url").stringValue();
    String drawn = session.at("/messages/3/content/1/image_url/url").stringValue();
    assertEquals(
        List.of(
            "user: a red apple like|" + kept,
            "assistant: Here is what you asked for:|/v1/images/noto/red-apple|Enjoy.",
            "user: and a blue one",
            "assistant: Here is what you asked for:|" + drawn + "|Enjoy."),
        said(session));
    assertEquals("a red apple like", session.get("title").stringValue());
    assertEquals(
        "Apache-2.0", session.at("/messages/1/content/1/gill/image/licence").stringValue());
    assertArrayEquals(sent, running.http.bytes(kept).body());
    assertEquals(200, running.http.bytes(drawn).statusCode());
    assertEquals(204, running.http.send("DELETE", "/v1/sessions/s", "text/plain", "").statusCode());
    assertEquals(404, running.http.get("/v1/sessions/s").statusCode());
    assertEquals(404, running.http.bytes(kept).statusCode());
    assertEquals(0, pictures());
  }

  @Test
  void sentPicture_isReadAgainInLaterTurns() throws Exception {
    String uri =
        "data:image/png;base64,"
            + Base64.getEncoder().encodeToString(ScriptedEngine.png(Color.PINK, 20));
    chat(
        "{\"session_id\": \"s\", \"image_mode\": \"none\", \"messages\": [{\"role\": \"user\", \"content\":"
            + " [{\"type\": \"image_url\", \"image_url\": {\"url\": \"%s\"}}]}]}".formatted(uri));
    restart();
    say("s", "\"what was it?\"");
    assertEquals(2, lastTurn().history().size());
    assertTrue(
        lastTurn().history().getFirst().parts().getFirst()
                instanceof PromptPart.ImagePart(var pixels)
            && pixels.width() == 20);
  }

  @Test
  void question_isEdited_andAnsweredAgain() throws Exception {
    say("s", "\"an apple\"");
    say("s", "\"nothing\"");
    JsonNode edited =
        chat(
            "{\"session_id\": \"s\", \"from_message\": 2,"
                + " \"messages\": [{\"role\": \"user\", \"content\": \"a blue one\"}]}");
    assertEquals(3, edited.at("/gill/message").intValue());
    assertEquals(4, session("s").get("messages").size());
    assertEquals("user: a blue one", said(session("s")).get(2));
    chat("{\"session_id\": \"s\", \"from_message\": 3, \"image_mode\": \"none\"}");
    assertEquals(2, lastTurn().history().size());
    assertEquals("assistant: Here is what you asked for:", said(session("s")).getLast());
    HttpResponse<String> wrong =
        running.http.post("/v1/chat/completions", "{\"session_id\": \"s\", \"from_message\": 2}");
    assertEquals(400, wrong.statusCode(), "the message before is the assistant's");
    assertEquals(
        422,
        running
            .http
            .post("/v1/chat/completions", "{\"session_id\": \"s\", \"from_message\": 9}")
            .statusCode());
    assertEquals(
        400, running.http.post("/v1/chat/completions", "{\"from_message\": 0}").statusCode());
  }

  @Test
  void image_isDrawnAgain_andTheTextStays() throws Exception {
    say("s", "\"an apple\"");
    HttpResponse<String> redone =
        running.http.post("/v1/sessions/s/messages/1/image", "{\"image_mode\": \"generate\"}");
    assertEquals("generated", Http.json(redone).at("/image/kind").stringValue());
    assertEquals(ImageMode.GENERATE, lastTurn().imageMode());
    assertEquals(List.of(), lastTurn().history());
    String answer = said(session("s")).get(1);
    assertTrue(
        answer.matches(
            "assistant: Here is what you asked for:\\|/v1/images/generated/.*\\|Enjoy\\."),
        answer);
    assertEquals(
        "generated", session("s").at("/messages/1/content/1/gill/image/kind").stringValue());
    assertEquals(404, running.http.post("/v1/sessions/s/messages/0/image", "{}").statusCode());
    assertEquals(404, running.http.post("/v1/sessions/s/messages/x/image", "{}").statusCode());
    assertEquals(
        400, running.http.post("/v1/sessions/s/messages/1/image", "{\"a\": 1}").statusCode());
  }

  @Test
  void fork_goesItsOwnWay_andTheListShowsTheLastChangedFirst() throws Exception {
    say("s", "\"blue one\"");
    say("s", "\"blue two\"");
    JsonNode copy = Http.json(running.http.post("/v1/sessions/s/fork", "{\"messages\": 2}"));
    String id = copy.get("session_id").stringValue();
    assertNotEquals("s", id);
    say(id, "\"apple three\"");
    assertEquals("user: apple three", said(session(id)).get(2));
    assertEquals("user: blue two", said(session("s")).get(2));
    running.http.send("PATCH", "/v1/sessions/s", "application/json", "{\"title\": \" Mine \"}");
    JsonNode list = Http.json(running.http.get("/v1/sessions?limit=1"));
    assertEquals(2, list.get("total").intValue());
    assertEquals("Mine", list.at("/sessions/0/title").stringValue());
    assertEquals(
        id,
        Http.json(running.http.get("/v1/sessions?skip=1"))
            .at("/sessions/0/session_id")
            .stringValue());
    // Both show the drawn picture, so it stays until the second one is gone.
    running.http.send("DELETE", "/v1/sessions/s", "text/plain", "");
    assertEquals(1, pictures());
    running.http.send("DELETE", "/v1/sessions/" + id, "text/plain", "");
    assertEquals(0, pictures());
  }

  @Test
  void theLongestUnused_makesRoom() throws Exception {
    for (int i = 0; i < 12; i++) {
      say("s" + i, "\"hello\"");
    }
    assertEquals(10, Http.json(running.http.get("/v1/sessions")).get("total").intValue());
    assertEquals(404, running.http.get("/v1/sessions/s1").statusCode());
    assertEquals(200, running.http.get("/v1/sessions/s11").statusCode());
    assertFalse(session("s11").get("messages").isEmpty());
  }
}
