package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// What the model cannot read at once is refused before it works: the tiny bundle's context is 256
/// tokens, and a byte is one of them.
class TokenLimitTest {
  private static final String LONG = "many words ".repeat(60);
  private static final String SHORT = "an apple";

  private TinyServer tiny;
  private Http http;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    tiny = new TinyServer(folder);
    http = new Http(tiny.server());
  }

  @AfterEach
  void stop() {
    http.close();
    tiny.close();
  }

  private static void refused(HttpResponse<String> answer) {
    assertEquals(422, answer.statusCode(), answer.body());
    JsonNode problem = Http.json(answer);
    assertEquals("refused", problem.get("code").stringValue());
    String detail = problem.get("detail").stringValue();
    assertTrue(detail.contains("fit the model's context of 256: shorten it"), detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/lookup | {\"prompt\": \"%s\"}",
        "/v1/images/generations | {\"prompt\": \"%s\"}",
        "/v1/chat/completions | {\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}",
        "/v1/chat/completions | {\"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}",
      })
  void promptLongerThanTheContext_isRefused_andTheNextIsAnswered(String path, String body)
      throws Exception {
    refused(http.post(path, body.formatted(LONG)));
    assertEquals(200, http.post(path, body.formatted(SHORT)).statusCode());
  }

  @Test
  void chatThatGrowsTooLong_isRefused_andKeepsWhatItHas() throws Exception {
    String turn =
        """
        {"session_id": "grows", "image_mode": "none", "max_tokens": 8,
         "messages": [{"role": "user", "content": "%s"}]}
        """
            .formatted("word ".repeat(20));
    int turns = 0;
    HttpResponse<String> answer = http.post("/v1/chat/completions", turn);
    while (answer.statusCode() == 200 && turns < 10) {
      turns++;
      answer = http.post("/v1/chat/completions", turn);
    }
    assertTrue(turns > 0);
    refused(answer);
    JsonNode kept = Http.json(http.get("/v1/sessions/grows"));
    assertEquals(2 * turns, kept.get("messages").size());
  }
}
