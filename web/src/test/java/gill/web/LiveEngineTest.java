package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.EngineOptions;
import gill.engine.fault.BundleException;
import gill.engine.fault.IndexException;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.Sha256;
import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import gill.web.Deployment.Place;
import gill.web.cli.Gill;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A server turns to other indexes and bundles while it is asked, and takes in generated pictures.
class LiveEngineTest {
  private static final Duration OFTEN = Duration.ofMillis(20);

  @TempDir private Path folder;

  private Place place(String name, Path bundle, int images) {
    return new Place(bundle, TinyCorpus.index(folder.resolve(name), bundle, images));
  }

  /// The tiny bundle with another preprocessing file: another fingerprint.
  private Path otherBundle() throws IOException {
    Path bundle = TinyBundle.copyTo(folder.resolve("other"));
    Path file = bundle.resolve("vision_encoder/preprocessor_config.json");
    String before = Sha256.of(Files.readAllBytes(file));
    long size = Files.size(file);
    Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{ "));
    Path manifest = bundle.resolve("bundle.json");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replace(before, Sha256.of(Files.readAllBytes(file)))
            .replaceFirst(
                "(preprocessor_config.json\"[^}]*\"bytes\": *)" + size, "$1" + (size + 1)));
    // The refusal names the fingerprint that these files have and the one that is written.
    String refusal =
        assertThrows(BundleException.class, () -> Bundle.open(bundle).close()).getMessage();
    Matcher both = Pattern.compile("must be ([0-9a-f]{64}) .* is ([0-9a-f]{64})").matcher(refusal);
    assertTrue(both.find(), refusal);
    Files.writeString(manifest, Files.readString(manifest).replace(both.group(2), both.group(1)));
    return bundle;
  }

  private static int switchTo(Path deployment, String... arguments) {
    List<String> all = new ArrayList<>(List.of("corpus", "switch", deployment.toString()));
    all.addAll(List.of(arguments));
    return Gill.commandLine().execute(all.toArray(String[]::new));
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, "waited for a minute");
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  @Test
  void switching_whileItIsAsked_failsNoRequest_andGoesBack() throws Exception {
    Path tiny = TinyBundle.copyTo(folder);
    Place blue = place("blue", tiny, 12);
    Place green = place("green", tiny, 9);
    Place other = place("other-index", otherBundle(), 7);
    Path deployment = folder.resolve("deployment");
    assertEquals(
        0,
        switchTo(
            deployment, "--bundle", blue.bundle().toString(), "--index", blue.index().toString()));
    AtomicBoolean done = new AtomicBoolean();
    Map<Integer, Boolean> sizes = new ConcurrentHashMap<>();
    try (LiveEngine live = LiveEngine.following(deployment, EngineOptions.DEFAULT, OFTEN);
        Server server = Server.start(live, EngineOptions.DEFAULT, WebOptions.DEFAULT.withPort(0));
        Http http = new Http(server);
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<Integer>> askers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        askers.add(threads.submit(() -> ask(http, done, sizes)));
      }
      await(() -> sizes.containsKey(12));
      assertEquals(0, switchTo(deployment, "--index", green.index().toString()));
      await(() -> sizes.containsKey(9));
      assertEquals(1, switchTo(deployment, "--index", other.index().toString()), "not its bundle");
      assertEquals(
          0,
          switchTo(
              deployment,
              "--bundle",
              other.bundle().toString(),
              "--index",
              other.index().toString()));
      await(() -> sizes.containsKey(7));
      assertEquals(other, live.place());
      sizes.clear();
      assertEquals(0, switchTo(deployment, "--back"));
      await(() -> sizes.containsKey(9));
      done.set(true);
      int requests = 0;
      for (Future<Integer> asker : askers) {
        requests += asker.get();
      }
      assertTrue(requests > 20, "requests: " + requests);
    }
  }

  private static int ask(Http http, AtomicBoolean done, Map<Integer, Boolean> sizes)
      throws Exception {
    int requests = 0;
    while (!done.get()) {
      HttpResponse<String> answer =
          http.post(
              "/v1/search", "{\"text\": \"red apple\", \"limit\": 100, \"facets\": [\"source\"]}");
      assertEquals(200, answer.statusCode(), answer.body());
      JsonNode body = Http.json(answer);
      int size = body.get("hits").size();
      assertEquals(size, body.at("/facets/source/0/count").intValue());
      sizes.put(size, true);
      requests++;
    }
    return requests;
  }

  @Test
  void whatCannotBeServed_isRefused_andTheServerGoesOn() throws Exception {
    Path tiny = TinyBundle.copyTo(folder);
    Place blue = place("blue", tiny, 3);
    Place mixed = new Place(otherBundle(), blue.index());
    try (LiveEngine live = LiveEngine.open(blue, EngineOptions.DEFAULT)) {
      String message = assertThrows(IndexException.class, () -> live.switchTo(mixed)).getMessage();
      assertTrue(message.contains("was made by the bundle"), message);
      assertEquals(blue, live.place());
      assertEquals(3, live.info().images());
    }
  }

  @Test
  void deployment_isReadAsWritten_andBrokenOnesSayWhatIsMissing() throws IOException {
    Path file = folder.resolve("deployment");
    Place one = new Place(folder.resolve("bundle"), folder.resolve("index"));
    Place two = new Place(folder.resolve("bundle"), folder.resolve("green"));
    Deployment written = new Deployment(one, Optional.empty()).to(two);
    written.write(file);
    assertEquals(written, Deployment.read(file));
    assertEquals(one, written.back().orElseThrow().current());
    assertEquals(written, written.back().flatMap(Deployment::back).orElseThrow());
    assertEquals(written, written.to(two));
    Files.writeString(file, "bundle b\n");
    assertThrows(IndexException.class, () -> Deployment.read(file));
    Files.writeString(file, "bundle b\nindex i\n");
    assertEquals(folder.resolve("i"), Deployment.read(file).current().index());
    assertThrows(IndexException.class, () -> Deployment.read(folder.resolve("none")));
  }

  private static String generate(Http http) throws Exception {
    JsonNode shown =
        Http.json(
                http.post(
                    "/v1/lookup",
                    "{\"prompt\": \"a zebra\", \"image_mode\": \"generate\","
                        + " \"num_inference_steps\": 2}"))
            .get("image");
    assertEquals("generated", shown.get("kind").stringValue());
    return shown.get("id").stringValue();
  }

  private static String kept(String image) {
    return "{\"event\": \"kept\", \"prompt\": \"a zebra\", \"shown\": \"generated\", \"image\": \""
        + image
        + "\"}";
  }

  @Test
  void acceptedPicture_isFoundAsGenerated_withItsOrigin_untilItIsTakenDown() throws Exception {
    Path tiny = TinyBundle.copyTo(folder);
    Place place = place("blue", tiny, 5);
    WebOptions web =
        WebOptions.DEFAULT.withPort(0).keeping(folder.resolve("state").resolve("generated"));
    try (LiveEngine live = LiveEngine.open(place, EngineOptions.DEFAULT);
        Server server = Server.start(live, EngineOptions.DEFAULT, web);
        Http http = new Http(server)) {
      String image = generate(http);
      String wrong = kept(image).replace("kept", "wrong");
      assertFalse(Http.json(http.post("/v1/feedback", wrong)).has("kept_as"));
      assertEquals(5, live.info().images());
      JsonNode added = Http.json(http.post("/v1/feedback", kept(image)));
      assertEquals("kept/" + image, added.get("kept_as").stringValue());
      JsonNode hit =
          Http.json(
                  http.post(
                      "/v1/search", "{\"text\": \"zebra\", \"ranking\": {\"method\": \"words\"}}"))
              .at("/hits/0");
      assertEquals("kept/" + image, hit.get("id").stringValue());
      assertEquals("generated", hit.get("source").stringValue());
      HttpResponse<String> file = http.get(hit.get("url").stringValue());
      assertEquals(200, file.statusCode());
      assertEquals("image/png", file.headers().firstValue("Content-Type").orElse(""));
      JsonNode again =
          Http.json(
              http.post(
                  "/v1/lookup",
                  "{\"prompt\": \"a zebra\", \"image_mode\": \"retrieve\", \"k\": 6}"));
      JsonNode found = again.get("candidates");
      assertTrue(found.toString().contains("kept/" + image), found.toString());
      String corpusOnly =
          "{\"text\": \"zebra\", \"filter\": {\"not\": {\"source\": \"generated\"}}}";
      assertEquals(5, Http.json(http.post("/v1/search", corpusOnly)).get("hits").size());
      String seed =
          "{\"text\": \"zebra\", \"filter\": {\"source\": \"generated\", \"metadata.prompt\": \"a"
              + " zebra\"}}";
      assertEquals(1, Http.json(http.post("/v1/search", seed)).get("hits").size());

      assertEquals(
          0,
          Gill.commandLine()
              .execute(
                  "corpus", "takedown", "--sha256", image, "--index", place.index().toString()));
      JsonNode refused = Http.json(http.post("/v1/feedback", kept(image)));
      assertTrue(refused.has("not_kept"), refused.toString());
      JsonNode unknown = Http.json(http.post("/v1/feedback", kept("ab".repeat(32))));
      assertTrue(unknown.has("not_kept"), unknown.toString());
    }
  }

  @Test
  void acceptedPicture_isNotKept_unlessTheServerIsToldTo() throws Exception {
    Path tiny = TinyBundle.copyTo(folder);
    Place place = place("blue", tiny, 5);
    try (LiveEngine live = LiveEngine.open(place, EngineOptions.DEFAULT);
        Server server = Server.start(live, EngineOptions.DEFAULT, WebOptions.DEFAULT.withPort(0));
        Http http = new Http(server)) {
      JsonNode added = Http.json(http.post("/v1/feedback", kept(generate(http))));
      assertFalse(added.has("kept_as") || added.has("not_kept"), added.toString());
      assertEquals(5, live.info().images());
    }
  }
}
