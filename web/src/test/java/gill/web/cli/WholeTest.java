package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.testing.TinyBundle;
import gill.web.Server;
import gill.web.WebOptions;
import gill.web.api.Answerer;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The program from end to end with the tiny bundle: a corpus is indexed, then asked by command and
/// over HTTP. The weights are random, so the tests look at shapes and not at sense.
@TestInstance(Lifecycle.PER_CLASS)
class WholeTest {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final Path bundle;
  private final Path index;

  WholeTest(@TempDir Path folder) {
    this.folder = folder;
    this.bundle = TinyBundle.copyTo(folder);
    this.index = folder.resolve("index");
  }

  private record Ran(int code, String out, String err) {}

  private static Ran run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return new Ran(gill.execute(arguments), out.toString(), err.toString());
  }

  private Ran runHere(String... arguments) {
    List<String> all = new java.util.ArrayList<>(List.of(arguments));
    all.addAll(List.of("--bundle", bundle.toString(), "--index", index.toString()));
    return run(all.toArray(String[]::new));
  }

  @BeforeAll
  void index() throws IOException {
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    List<Color> colours =
        List.of(Color.RED, Color.GREEN, Color.BLUE, Color.YELLOW, Color.GRAY, Color.PINK);
    for (int i = 0; i < colours.size(); i++) {
      BufferedImage picture = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 1600; at++) {
        picture.setRGB(at % 40, at / 40, at % (i + 2) == 0 ? 0 : colours.get(i).getRGB());
      }
      ImageIO.write(picture, "png", pictures.resolve("picture-" + i + ".png").toFile());
      Files.writeString(pictures.resolve("picture-" + i + ".txt"), "picture number " + i);
    }
    Files.writeString(pictures.resolve("broken.png"), "no picture");
    Ran ran =
        run("index", pictures.toString(), "--out", index.toString(), "--bundle", bundle.toString());
    assertEquals(0, ran.code(), ran.err());
    assertTrue(ran.out().startsWith("6 images indexed"), ran.out());
  }

  @Test
  void lookup_fromTheCorpus_savesTheImageAndNamesIt() {
    Path out = folder.resolve("found");
    Ran ran = runHere("lookup", "a picture", "--mode", "retrieve", "--out", out.toString());
    assertEquals(0, ran.code(), ran.err());
    assertTrue(ran.out().startsWith("[retrieved] "), ran.out());
    assertTrue(ran.out().contains("candidates (score, p_match):"), ran.out());
    assertEquals(1, out.toFile().listFiles().length);
  }

  @Test
  void lookup_drawn_isJsonOfTheSamePictureForTheSameSeed() {
    String[] drawn = new String[2];
    for (int i = 0; i < 2; i++) {
      Ran ran =
          runHere(
              "lookup",
              "a picture",
              "--mode",
              "generate",
              "--seed",
              "5",
              "--steps",
              "2",
              "--json",
              "--out",
              folder.resolve("drawn").toString());
      assertEquals(0, ran.code(), ran.err());
      JsonNode json = JSON.readTree(ran.out());
      assertEquals("generated", json.at("/image/kind").asString(), ran.out());
      assertEquals(5, json.at("/image/seed").asInt());
      assertEquals(2, json.at("/image/steps").asInt());
      drawn[i] = json.at("/image/id").asString();
    }
    assertEquals(drawn[0], drawn[1]);
  }

  @Test
  void ask_printsAnAnswer() {
    Ran ran =
        runHere(
            "ask",
            "show",
            "me",
            "a",
            "picture",
            "--json",
            "--mode",
            "retrieve",
            "--out",
            folder.resolve("asked").toString());
    assertEquals(0, ran.code(), ran.err());
    JsonNode json = JSON.readTree(ran.out());
    assertEquals("assistant", json.at("/message/role").asString());
    assertTrue(json.at("/usage/prompt_tokens").asInt() > 0, ran.out());
  }

  @Test
  void ask_withAPicture_readsIt() {
    String picture = folder.resolve("pictures/picture-0.png").toString();
    Ran ran = runHere("ask", "what is this?", "--image", picture, "--mode", "none");
    assertEquals(0, ran.code(), ran.err());
    assertFalse(ran.out().contains("["), ran.out());
  }

  @Test
  void search_listsTheCorpus() {
    Ran ran = runHere("search", "picture", "--limit", "3", "--json");
    assertEquals(0, ran.code(), ran.err());
    assertEquals(3, JSON.readTree(ran.out()).get("hits").size());
  }

  @Test
  void search_withEveryOption_printsWhyAndWhatElse() {
    Ran json =
        runHere(
            "search",
            "picture",
            "number",
            "--image",
            folder.resolve("pictures/picture-0.png").toString(),
            "--not",
            "night",
            "--rank",
            "rrf",
            "--where",
            "width>=40",
            "--where",
            "style!=x",
            "--facet",
            "source",
            "--diversity",
            "0.3",
            "--collapse",
            "0.999",
            "--explain",
            "--limit",
            "2",
            "--json");
    assertEquals(0, json.code(), json.err());
    JsonNode answer = JSON.readTree(json.out());
    assertEquals(2, answer.get("hits").size());
    assertEquals(3, answer.at("/hits/0/explanation/parts").size(), json.out());
    assertTrue(answer.at("/facets/source/0/count").asInt() > 0, json.out());
    Ran page = runHere("search", "picture", "--limit", "2", "--explain", "--facet", "source");
    assertEquals(0, page.code(), page.err());
    assertTrue(page.out().contains("cosine ") && page.out().contains("source:"), page.out());
    String cursor = page.out().lines().toList().getLast().replace("next page: --cursor ", "");
    Ran next = runHere("search", "picture", "--limit", "2", "--cursor", cursor);
    assertEquals(0, next.code(), next.err());
    assertEquals(1, runHere("search", "other", "--limit", "2", "--cursor", cursor).code());
  }

  @Test
  void search_withWrongOptions_saysWhich() {
    assertEquals(2, runHere("search", "--not", "night").code());
    assertTrue(runHere("search", "a", "--limit", "0").err().contains("limit must be in"));
    assertTrue(runHere("search", "a", "--where", "style").err().contains("FIELD=VALUE"));
    Ran unknown = runHere("search", "--like", "nowhere/none");
    assertEquals(1, unknown.code());
    assertTrue(unknown.err().contains("holds no image 'nowhere/none'"), unknown.err());
    assertTrue(runHere("search", "a", "--where", "kind=b").err().contains("no field 'kind'"));
  }

  @Test
  void indexThatIsMissing_isSaidWithItsRemedy() {
    Ran ran =
        run(
            "lookup",
            "a",
            "--bundle",
            bundle.toString(),
            "--index",
            folder.resolve("nowhere").toString());
    assertEquals(1, ran.code());
    assertTrue(ran.err().contains("nowhere"), ran.err());
    assertFalse(ran.err().contains("\tat "), ran.err());
  }

  @Test
  void server_answersWithTheRealEngine() throws Exception {
    try (Engine engine = Engine.open(bundle, index, EngineOptions.DEFAULT);
        Server server =
            Server.start(
                Answerer.of(engine), EngineOptions.DEFAULT, WebOptions.DEFAULT.withPort(0));
        HttpClient client = HttpClient.newHttpClient()) {
      URI base = URI.create(server.url());
      JsonNode found =
          JSON.readTree(
              post(
                  client, base, "/v1/lookup", "{\"prompt\": \"a\", \"image_mode\": \"retrieve\"}"));
      HttpResponse<byte[]> image =
          client.send(
              HttpRequest.newBuilder(base.resolve(found.at("/image/url").asString())).build(),
              BodyHandlers.ofByteArray());
      assertEquals(200, image.statusCode());
      assertEquals("image/png", image.headers().firstValue("Content-Type").orElse(""));

      JsonNode drawn =
          JSON.readTree(
              post(
                  client,
                  base,
                  "/v1/lookup",
                  """
                  {"prompt": "a", "image_mode": "generate", "num_inference_steps": 2}
                  """));
      String url = drawn.at("/image/url").asString();
      assertEquals(
          200,
          client
              .send(HttpRequest.newBuilder(base.resolve(url)).build(), BodyHandlers.discarding())
              .statusCode());

      String stream =
          post(
              client,
              base,
              "/v1/chat/completions",
              """
              {"stream": true, "image_mode": "generate", "num_inference_steps": 2, "max_tokens": 8,
               "messages": [{"role": "user", "content": [
                 {"type": "text", "text": "once more"},
                 {"type": "image_url", "image_url": {"url": "%s"}}]}]}
              """
                  .formatted(url));
      assertTrue(stream.contains(": progress {"), stream);
      assertTrue(stream.contains("\"images\":["), stream);
      assertTrue(stream.endsWith("data: [DONE]\n\n"), stream);
    }
  }

  private static String post(HttpClient client, URI base, String path, String json)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build(),
            BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), response.body());
    return response.body();
  }
}
