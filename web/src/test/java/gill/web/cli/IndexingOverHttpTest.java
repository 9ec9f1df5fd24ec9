package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.EngineOptions;
import gill.engine.testing.TinyBundle;
import gill.web.Deployment.Place;
import gill.web.LiveEngine;
import gill.web.Server;
import gill.web.WebOptions;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An operator without a shell: indexing jobs, corpora and takedowns of a real server with the tiny
/// bundle.
class IndexingOverHttpTest {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path pictures;
  private final Path index;
  private final Path folder;
  private final LiveEngine engine;
  private final Server server;
  private final HttpClient client = HttpClient.newHttpClient();

  IndexingOverHttpTest(@TempDir Path temporary) throws IOException {
    folder = temporary.toRealPath();
    Path bundle = TinyBundle.copyTo(folder);
    index = folder.resolve("indexes/served");
    pictures = Files.createDirectories(folder.resolve("pictures"));
    draw("first", 1);
    draw("second", 2);
    IndexCommand.run(pictures, index, bundle, new PrintWriter(new StringWriter()));
    engine = LiveEngine.open(new Place(bundle, index), EngineOptions.DEFAULT);
    server =
        Server.start(
            engine,
            EngineOptions.DEFAULT,
            WebOptions.DEFAULT.withPort(0),
            new ServedCorpora(engine::place, List.of(pictures)));
  }

  private void draw(String name, int seed) throws IOException {
    BufferedImage picture = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
    for (int at = 0; at < 1600; at++) {
      picture.setRGB(at % 40, at / 40, at * seed * 7919);
    }
    ImageIO.write(picture, "png", pictures.resolve(name + ".png").toFile());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    engine.close();
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.url()).resolve(path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private JsonNode get(String path) throws Exception {
    return JSON.readTree(send("GET", path, "").body());
  }

  /// Adds a job, waits for its end by reading its events, and returns it.
  private JsonNode done(Path source, String more) throws Exception {
    String body = JSON.writeValueAsString(source.toString());
    HttpResponse<String> added =
        send("POST", "/v1/jobs", "{\"kind\": \"index\", \"source\": " + body + more + "}");
    assertEquals(202, added.statusCode(), added.body());
    String job = added.headers().firstValue("Location").orElseThrow();
    send("GET", job + "/events", "");
    return get(job);
  }

  @Test
  void job_makesAnIndexBesideTheServedOne_andListsWhatFailed() throws Exception {
    Files.writeString(pictures.resolve("broken.png"), "no picture");
    JsonNode job = done(pictures, ", \"index\": \"other\"");
    assertEquals("done", job.get("state").stringValue(), job.toString());
    assertEquals(2, job.at("/counts/indexed").intValue());
    assertEquals(1, job.at("/counts/failed").intValue());
    assertEquals(3, job.at("/progress/of").intValue());
    JsonNode failures = get("/v1/jobs/" + job.get("id").stringValue() + "/failures");
    assertEquals(1, failures.get("total").intValue());
    assertEquals("broken.png", failures.at("/failures/0/path").stringValue());
    JsonNode corpora = get("/v1/corpora").get("corpora");
    assertEquals(2, corpora.size());
    assertTrue(corpora.at("/0/live").booleanValue());
    assertEquals("served", corpora.at("/0/name").stringValue());
    assertEquals("other", corpora.at("/1/name").stringValue());
    assertEquals(2, corpora.at("/1/images").intValue());
  }

  @Test
  void update_ofTheServedIndex_isServedSoon() throws Exception {
    draw("third", 3);
    JsonNode job = done(pictures, ", \"mode\": \"update\"");
    assertEquals(1, job.at("/counts/added").intValue(), job.toString());
    assertEquals(2, job.at("/counts/unchanged").intValue());
    HttpResponse<String> found;
    int looks = 0;
    do {
      found = send("POST", "/v1/search", "{\"text\": \"third\", \"limit\": 5}");
    } while (JSON.readTree(found.body()).get("hits").size() < 3 && ++looks < 2000);
    assertEquals(3, JSON.readTree(found.body()).get("hits").size());
  }

  @Test
  void dryRun_writesNothing() throws Exception {
    Files.writeString(pictures.resolve("broken.png"), "no picture");
    JsonNode job = done(pictures, ", \"index\": \"rehearsed\", \"mode\": \"dry_run\"");
    assertEquals(1, job.at("/counts/failed").intValue(), job.toString());
    assertTrue(Files.notExists(folder.resolve("indexes/rehearsed")));
    JsonNode failures = get("/v1/jobs/" + job.get("id").stringValue() + "/failures");
    assertEquals("broken.png", failures.at("/failures/0/path").stringValue());
  }

  @Test
  void sourcesAndTargets_outsideOfWhatIsAllowed_areRefused() throws Exception {
    Path elsewhere = Files.createDirectories(folder.resolve("secret"));
    Files.createSymbolicLink(pictures.resolve("way-out"), elsewhere);
    for (String source :
        List.of(
            elsewhere.toString(),
            pictures + "/../secret",
            pictures + "/way-out",
            "pictures",
            "/etc")) {
      HttpResponse<String> refused =
          send(
              "POST",
              "/v1/jobs",
              "{\"kind\": \"index\", \"source\": " + JSON.writeValueAsString(source) + "}");
      assertEquals(403, refused.statusCode(), source + refused.body());
      assertTrue(refused.body().contains("source_not_allowed"), refused.body());
    }
    for (String target : List.of("../pictures", "a/b", "/tmp/x", "..", ".")) {
      HttpResponse<String> refused =
          send(
              "POST",
              "/v1/jobs",
              "{\"kind\": \"index\", \"source\": "
                  + JSON.writeValueAsString(pictures.toString())
                  + ", \"index\": "
                  + JSON.writeValueAsString(target)
                  + "}");
      assertEquals(403, refused.statusCode(), target + refused.body());
    }
  }

  @Test
  void takedown_takesOutForGood_andIsListed() throws Exception {
    HttpResponse<String> done = send("POST", "/v1/takedowns", "{\"ids\": [\"first.png\"]}");
    assertEquals(200, done.statusCode(), done.body());
    assertEquals(1, JSON.readTree(done.body()).get("images").intValue());
    assertEquals("first.png", get("/v1/takedowns").at("/takedowns/0/value").stringValue());
    JsonNode again = done(pictures, "");
    assertEquals(1, again.at("/counts/indexed").intValue(), again.toString());
    assertEquals(422, send("POST", "/v1/takedowns", "{\"sha256\": [\"no\"]}").statusCode());
    assertEquals(422, send("POST", "/v1/takedowns", "{}").statusCode());
  }

  @Test
  void source_thatSaysItsPicturesLieElsewhere_isRefused() throws Exception {
    Path exported = pictures.resolve("exported");
    CommandLine gill = Gill.commandLine().setOut(new PrintWriter(new StringWriter()));
    assertEquals(
        0, gill.execute("corpus", "export", exported.toString(), "--index", index.toString()));
    Path says = exported.resolve("gill.json");
    Path elsewhere = Files.createDirectories(folder.resolve("secret"));
    String text = Files.readString(says);
    assertTrue(text.contains(pictures.toString()), text);
    Files.writeString(says, text.replace(pictures.toString(), elsewhere.toString()));
    JsonNode job = done(exported, ", \"index\": \"stolen\"");
    assertEquals("failed", job.get("state").stringValue(), job.toString());
    assertTrue(
        job.at("/error/detail").stringValue().contains("no folder that may be"), job.toString());
    assertTrue(Files.notExists(folder.resolve("indexes/stolen")));
  }
}
