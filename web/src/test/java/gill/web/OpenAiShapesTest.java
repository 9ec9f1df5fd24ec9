package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageMode;
import java.awt.Color;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Images and embeddings in OpenAI's shape.
class OpenAiShapesTest {
  private final RunningServer running;

  OpenAiShapesTest(@TempDir Path folder) {
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private JsonNode ok(String path, String body) throws Exception {
    HttpResponse<String> response = running.http.post(path, body);
    assertEquals(200, response.statusCode(), response.body());
    return Http.json(response);
  }

  @Test
  void generations_ofThree_areDrawnWithSeedsOneApart() throws Exception {
    JsonNode json =
        ok(
            "/v1/images/generations",
            """
            {"prompt": "a banana", "n": 3, "seed": 5, "steps": 4, "guidance": 2.5,
             "negative_prompt": "text", "size": "64x64"}
            """);
    assertEquals(3, json.get("data").size());
    assertEquals(
        List.of(5L, 6L, 7L),
        running.engine.turns.stream().map(turn -> turn.generation().seed()).toList());
    assertEquals(ImageMode.GENERATE, running.engine.turns.getFirst().imageMode());
    assertEquals(
        new GenerationOptions(5, 1, 4, 2.5, "", "text"),
        running.engine.turns.getFirst().generation());
    assertEquals(7, json.at("/data/0/gill/image/seed").intValue());
    assertEquals("64x64", json.get("size").stringValue());
  }

  @Test
  void generations_byAddress_canBeFetched() throws Exception {
    String url =
        ok("/v1/images/generations", "{\"prompt\": \"a\"}").at("/data/0/url").stringValue();
    String base = "http://127.0.0.1:" + running.server.port();
    assertTrue(url.startsWith(base + "/v1/images/generated/"), url);
    assertEquals(200, running.http.bytes(url.substring(base.length())).statusCode());
  }

  @Test
  void generations_streamed_tellProgressThenThePicture() throws Exception {
    List<String> lines =
        running.http.stream("/v1/images/generations", "{\"prompt\": \"a\", \"stream\": true}");
    assertEquals(5, lines.size(), lines.toString());
    assertTrue(lines.getFirst().startsWith(": progress {"), lines.toString());
    assertEquals("event: image_generation.completed", lines.get(3));
    JsonNode event = Http.JSON.readTree(lines.get(4).substring("data: ".length()));
    assertEquals("image_generation.completed", event.get("type").stringValue());
    assertEquals("generated", event.at("/gill/image/kind").stringValue());
  }

  @Test
  void generations_streamed_showEachPictureAsItGrows() throws Exception {
    List<String> lines =
        running.http.stream(
            "/v1/images/generations",
            "{\"prompt\": \"a\", \"n\": 2, \"stream\": true, \"partial_images\": 2}");
    List<String> seen = new ArrayList<>();
    for (String line : lines) {
      if (!line.startsWith("data: ")) {
        continue;
      }
      JsonNode event = Http.JSON.readTree(line.substring("data: ".length()));
      byte[] png = Base64.getDecoder().decode(event.get("b64_json").stringValue());
      boolean whole = event.get("type").stringValue().equals("image_generation.completed");
      assertEquals(whole ? 64 : 2, ImageIO.read(new ByteArrayInputStream(png)).getWidth());
      seen.add(
          whole
              ? "completed"
              : event.get("partial_image_index") + " of picture " + event.at("/gill/picture"));
    }
    assertEquals(
        List.of(
            "0 of picture 0",
            "1 of picture 0",
            "completed",
            "0 of picture 1",
            "1 of picture 1",
            "completed"),
        seen);
    long named = lines.stream().filter("event: image_generation.partial_image"::equals).count();
    assertEquals(4, named);
  }

  @Test
  void generations_thatFailMidStream_sayWhatFailed() throws Exception {
    List<String> lines =
        running.http.stream(
            "/v1/images/generations", "{\"prompt\": \"midway\", \"n\": 2, \"stream\": true}");
    assertEquals("event: error", lines.get(lines.size() - 2), lines.toString());
    assertTrue(lines.getLast().contains("internal_error"), lines.toString());
    assertTrue(!lines.getLast().contains("secret"), lines.toString());
  }

  @Test
  void generations_withNothingToShow_areAProblem() throws Exception {
    for (String stream : List.of("true", "false")) {
      HttpResponse<String> response =
          running.http.post(
              "/v1/images/generations", "{\"prompt\": \"nothing\", \"stream\": " + stream + "}");
      assertEquals(422, response.statusCode(), response.body());
      assertEquals("not_drawn", Http.json(response).get("code").stringValue());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "images/generations | `{}` | 400 | missing_field | prompt",
        "images/generations | `{\"prompt\": \" \"}` | 422 | invalid_value | prompt",
        "images/generations | `{\"prompt\": \"a\", \"quality\": \"hd\"}` | 400 | unknown_field | quality",
        "images/generations | `{\"prompt\": \"a\", \"n\": 11}` | 422 | invalid_value | n",
        "images/generations | `{\"prompt\": \"a\", \"size\": \"65x64\"}` | 422 | invalid_value | size",
        "images/generations | `{\"prompt\": \"a\", \"response_format\": \"x\"}` | 422 | invalid_value | response_format",
        "images/generations | `{\"prompt\": \"a\", \"output_format\": \"webp\"}` | 422 | invalid_value | output_format",
        "images/generations | `{\"prompt\": \"a\", \"partial_images\": 2}` | 422 | invalid_value | partial_images",
        "images/generations | `{\"prompt\": \"a\", \"stream\": true, \"partial_images\": 4}` | 422 | invalid_value | partial_images",
        "images/generations | `{\"prompt\": \"a\", \"steps\": 2, \"num_inference_steps\": 2}` | 422 | invalid_value | steps",
        "embeddings | `{}` | 400 | missing_field | input",
        "embeddings | `{\"input\": []}` | 422 | invalid_value | input",
        "embeddings | `{\"input\": [[1, 2]]}` | 400 | wrong_type | input[0]",
        "embeddings | `{\"input\": [\"a\", \"\"]}` | 422 | invalid_value | input[1]",
        "embeddings | `{\"input\": \"a\", \"dimensions\": 3}` | 422 | invalid_value | dimensions",
        "embeddings | `{\"input\": \"a\", \"encoding_format\": \"hex\"}` | 422 | invalid_value | encoding_format",
        "embeddings | `{\"input\": [{\"type\": \"image_url\", \"image_url\": \"http://x/\"}]}` | 400 | remote_image | input[0].image_url.url",
      })
  void wrongRequests_areRefusedByName(
      String path, String body, int status, String code, String field) throws Exception {
    HttpResponse<String> response = running.http.post("/v1/" + path, body);
    assertEquals(status, response.statusCode(), response.body());
    assertEquals(code, Http.json(response).get("code").stringValue());
    assertEquals(field, Http.json(response).get("field").stringValue());
  }

  @Test
  void embeddings_ofTextAndImage_keepTheirOrder() throws Exception {
    String picture =
        "data:image/png;base64,"
            + Base64.getEncoder().encodeToString(ScriptedEngine.png(Color.RED, 32));
    JsonNode json =
        ok(
            "/v1/embeddings",
            """
            {"dimensions": 4, "input": ["abc", "%1$s", {"type": "text", "text": "abc"},
              {"type": "image_url", "image_url": {"url": "%1$s"}}]}
            """
                .formatted(picture));
    JsonNode data = json.get("data");
    assertEquals(4, data.size());
    assertEquals(data.at("/0/embedding"), data.at("/2/embedding"));
    assertEquals(data.at("/1/embedding"), data.at("/3/embedding"));
    assertEquals(3, data.at("/3/index").intValue());
    // The text (3, 1, 2, 3) and the image (32, 32, 2, 3), normalised.
    assertEquals(3 / Math.sqrt(23), data.at("/0/embedding/0").doubleValue(), 1e-6);
    assertEquals(32 / Math.sqrt(2061), data.at("/1/embedding/0").doubleValue(), 1e-6);
  }

  @Test
  void embeddings_inBase64_areTheSameFloats() throws Exception {
    String base64 =
        ok("/v1/embeddings", "{\"input\": \"abc\", \"encoding_format\": \"base64\"}")
            .at("/data/0/embedding")
            .stringValue();
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(16, bytes.remaining());
    assertEquals(3 / Math.sqrt(23), bytes.getFloat(), 1e-6);
  }

  @Test
  void models_areListedAndFound() throws Exception {
    JsonNode listed = Http.json(running.http.get("/v1/models")).at("/data/0");
    assertEquals(listed, Http.json(running.http.get("/v1/models/icons")));
    assertTrue(listed.get("created").longValue() > 1_700_000_000);
    assertEquals(404, running.http.get("/v1/models/gpt").statusCode());
  }
}
