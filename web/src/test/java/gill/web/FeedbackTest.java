package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Feedback is kept, and what is similar is found.
class FeedbackTest {
  private static final String SWITCHED =
      """
      {"event": "switched", "prompt": "a red <b>apple</b>", "shown": "retrieved",
       "image": "noto/red-apple", "other": "abc", "p_retrieve": 0.83}
      """;

  @Test
  void feedback_survivesARestart_inOrder(@TempDir Path folder) throws Exception {
    try (RunningServer first = new RunningServer(folder)) {
      assertEquals(201, first.http.post("/v1/feedback", SWITCHED).statusCode());
      assertEquals(
          201, first.http.post("/v1/feedback", SWITCHED.replace("switched", "kept")).statusCode());
    }
    try (RunningServer second = new RunningServer(folder)) {
      second.http.post("/v1/feedback", SWITCHED.replace("switched", "wrong"));
      JsonNode all = Http.json(second.http.get("/v1/feedback")).get("feedback");
      assertEquals(
          List.of("switched", "kept", "wrong"),
          all.values().stream().map(it -> it.at("/feedback/event").stringValue()).toList());
      assertEquals(Http.JSON.readTree(SWITCHED), all.at("/0/feedback"));
      JsonNode later = Http.json(second.http.get("/v1/feedback?after=1&limit=1")).get("feedback");
      assertEquals(1, later.size());
      assertEquals(2, later.at("/0/id").intValue());
    }
  }

  @Test
  void feedback_thatSaysTooLittleOrTooMuch_isRefused(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      for (String field : List.of("event", "prompt", "shown", "image")) {
        String without = SWITCHED.replace("\"" + field + "\"", "\"none_of_it\"");
        assertEquals(400, running.http.post("/v1/feedback", without).statusCode(), field);
      }
      String odd = SWITCHED.replace("switched", "liked");
      assertEquals(422, running.http.post("/v1/feedback", odd).statusCode());
      String many = SWITCHED.replace("0.83", "1.5");
      assertEquals(422, running.http.post("/v1/feedback", many).statusCode());
      assertEquals(0, Http.json(running.http.get("/v1/feedback")).get("feedback").size());
    }
  }

  @Test
  void similar_leavesTheImageItselfOut(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      JsonNode hits =
          Http.json(running.http.get("/v1/images/noto/red-apple/similar?limit=2")).get("hits");
      assertEquals(
          List.of("openmoji/green-apple", "twemoji/umbrella"),
          hits.values().stream().map(it -> it.get("id").stringValue()).toList());
      String drawn =
          Http.json(running.http.post("/v1/lookup", "{\"prompt\": \"blue\"}"))
              .at("/image/url")
              .stringValue();
      assertEquals(3, Http.json(running.http.get(drawn + "/similar?limit=3")).get("hits").size());
    }
  }
}
