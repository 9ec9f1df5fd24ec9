package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Jobs over HTTP: queue, events, cancelling, restart.
class JobsTest {
  private static final String BLUE =
      "{\"kind\": \"generation\", \"prompt\": \"a blue banana\", \"n\": 2, \"seed\": 3}";
  private static final String SLOW = "{\"kind\": \"generation\", \"prompt\": \"a slow one\"}";

  private static String add(RunningServer running, String body) throws Exception {
    HttpResponse<String> added = running.http.post("/v1/jobs", body);
    assertEquals(202, added.statusCode(), added.body());
    return added.headers().firstValue("Location").orElseThrow();
  }

  /// The events of a job that is over or ends, as `id name`.
  private static List<String> events(RunningServer running, String job, String... headers)
      throws Exception {
    List<String> found = new ArrayList<>();
    String id = "";
    for (String line : running.http.get(job + "/events", headers).body().lines().toList()) {
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        found.add(id + " " + line.substring(7));
      }
    }
    return found;
  }

  @Test
  void drawing_goesOnWithoutAConnection_andTellsItsProgress(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      String job = add(running, BLUE);
      List<String> events = events(running, job);
      assertEquals("1 progress", events.getFirst());
      assertTrue(events.getLast().endsWith(" done"), events.toString());
      JsonNode done = Http.json(running.http.get(job));
      assertEquals("done", done.get("state").stringValue());
      assertEquals("a blue banana", done.get("prompt").stringValue());
      assertEquals(2, done.at("/result/data").size());
      assertEquals(6, done.at("/progress/of").intValue());
      assertEquals(2, done.at("/counts/drawn").intValue());
      String picture = done.at("/result/data/0/url").stringValue();
      assertEquals(200, running.http.bytes(picture).statusCode());
      assertEquals(3, running.engine.turns.getFirst().generation().seed());
      assertEquals(4, running.engine.turns.getLast().generation().seed());
    }
  }

  @Test
  void drawing_showsThePictureAsItGrows(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      // Its first picture is drawn, its second never ends.
      String job = add(running, BLUE.replace("a blue banana", "linger").replace("3", "4"));
      running.engine.slowBegan.await();
      JsonNode look = Http.json(running.http.get(job)).get("preview");
      assertEquals(0, look.get("picture").intValue());
      assertEquals(3, look.get("of").intValue());
      byte[] png = Base64.getDecoder().decode(look.get("b64_json").stringValue());
      assertEquals(2, ImageIO.read(new ByteArrayInputStream(png)).getWidth());
      assertFalse(running.http.get("/v1/jobs").body().contains("b64_json"));
      running.http.send("DELETE", job, "application/json", "");
      List<String> told = events(running, job).stream().map(it -> it.split(" ")[1]).toList();
      assertEquals(2, told.stream().filter("preview"::equals).count(), told.toString());
      assertEquals("cancelled", told.getLast());
      assertFalse(Http.json(running.http.get(job)).has("preview"));
      String plain = add(running, BLUE.replace("\"n\": 2", "\"partial_images\": 0"));
      assertFalse(events(running, plain).toString().contains("preview"));
    }
  }

  @Test
  void events_afterALostConnection_goOnBehindTheLastOneRead(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      String job = add(running, BLUE);
      List<String> all = events(running, job);
      List<String> rest = events(running, job, "Last-Event-ID", "1");
      assertEquals(all.subList(1, all.size()), rest);
      assertEquals(List.of(), events(running, job, "Last-Event-ID", Integer.toString(all.size())));
      assertEquals(422, running.http.get(job + "/events", "Last-Event-ID", "x").statusCode());
    }
  }

  @Test
  void jobs_ofAKind_runOneAfterAnother_andEachIsCancelledAlone(@TempDir Path folder)
      throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      String first = add(running, SLOW);
      running.engine.slowBegan.await();
      String second = add(running, BLUE);
      String third = add(running, BLUE);
      assertEquals(1, Http.json(running.http.get(second)).get("queue_place").intValue());
      assertEquals(2, Http.json(running.http.get(third)).get("queue_place").intValue());
      HttpResponse<String> cancelled = running.http.send("DELETE", second, "application/json", "");
      assertEquals("cancelled", Http.json(cancelled).get("state").stringValue());
      assertEquals(1, Http.json(running.http.get(third)).get("queue_place").intValue());
      running.http.send("DELETE", first, "application/json", "");
      running.engine.slowCancelled.await();
      assertTrue(events(running, first).getLast().endsWith(" cancelled"));
      assertTrue(events(running, third).getLast().endsWith(" done"));
      JsonNode list = Http.json(running.http.get("/v1/jobs?state=cancelled"));
      assertEquals(2, list.get("total").intValue());
      List<String> newestFirst = new ArrayList<>();
      for (JsonNode job : Http.json(running.http.get("/v1/jobs")).get("jobs")) {
        newestFirst.add("/v1/jobs/" + job.get("id").stringValue());
      }
      assertEquals(List.of(third, second, first), newestFirst);
    }
  }

  @Test
  void queue_thatIsFull_refusesWithRetryAfter(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      String first = add(running, SLOW);
      running.engine.slowBegan.await();
      for (int i = 0; i < 16; i++) {
        add(running, BLUE);
      }
      HttpResponse<String> refused = running.http.post("/v1/jobs", BLUE);
      assertEquals(503, refused.statusCode());
      assertFalse(refused.headers().firstValue("Retry-After").isEmpty());
      for (JsonNode job : Http.json(running.http.get("/v1/jobs")).get("jobs")) {
        running.http.send(
            "DELETE", "/v1/jobs/" + job.get("id").stringValue(), "application/json", "");
      }
      assertTrue(events(running, first).getLast().endsWith(" cancelled"));
    }
  }

  @Test
  void failedJob_saysWhy_asAProblem(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      String job = add(running, "{\"kind\": \"generation\", \"prompt\": \"nothing\"}");
      assertTrue(events(running, job).getLast().endsWith(" failed"));
      JsonNode failed = Http.json(running.http.get(job));
      assertEquals("not_drawn", failed.at("/error/code").stringValue());
      assertFalse(failed.toString().contains("secret"));
    }
  }

  @Test
  void jobs_areListedAfterARestart_andWhatRanIsInterrupted(@TempDir Path folder) throws Exception {
    String done;
    String waiting;
    try (RunningServer first = new RunningServer(folder)) {
      done = add(first, BLUE);
      events(first, done);
      add(first, SLOW);
      first.engine.slowBegan.await();
      waiting = add(first, BLUE);
    }
    try (RunningServer second = new RunningServer(folder)) {
      assertEquals("done", Http.json(second.http.get(done)).get("state").stringValue());
      JsonNode broken = Http.json(second.http.get(waiting));
      assertEquals("failed", broken.get("state").stringValue());
      assertEquals("interrupted", broken.at("/error/code").stringValue());
      assertEquals(List.of(" done"), events(second, done));
      assertEquals(3, Http.json(second.http.get("/v1/jobs")).get("total").intValue());
    }
  }

  @Test
  void requests_thatMakeNoSense_areRefused(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      assertEquals(400, running.http.post("/v1/jobs", "{}").statusCode());
      assertEquals(422, running.http.post("/v1/jobs", "{\"kind\": \"odd\"}").statusCode());
      assertEquals(400, running.http.post("/v1/jobs", "{\"kind\": \"generation\"}").statusCode());
      String streamed = BLUE.replace("\"n\": 2", "\"stream\": true");
      assertEquals(422, running.http.post("/v1/jobs", streamed).statusCode());
      HttpResponse<String> indexing =
          running.http.post("/v1/jobs", "{\"kind\": \"index\", \"source\": \"/etc\"}");
      assertEquals(403, indexing.statusCode());
      assertTrue(indexing.body().contains("--index-root"), indexing.body());
      assertEquals(404, running.http.get("/v1/jobs/job-none").statusCode());
      assertEquals(0, Http.json(running.http.get("/v1/jobs")).get("total").intValue());
    }
  }
}
