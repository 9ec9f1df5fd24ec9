package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.web.TinyServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `gill bench server` and `gill bench soak` against a server with the tiny bundle.
@TestInstance(Lifecycle.PER_CLASS)
class LoadCommandsTest {
  private static final JsonMapper JSON = new JsonMapper();

  private TinyServer tiny;

  private record Ran(int code, String out, String err) {}

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    tiny = new TinyServer(folder);
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  private Ran bench(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("bench"));
    all.addAll(List.of(arguments));
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return new Ran(gill.execute(all.toArray(String[]::new)), out.toString(), err.toString());
  }

  @Test
  void server_isMeasuredAtEachLevel_andUnderOverload() {
    Ran ran =
        bench(
            "server",
            "--url=" + tiny.base() + "/",
            "--clients=1,3",
            "--requests=6",
            "--overload=10",
            "--seconds=1",
            "--json");
    assertEquals(0, ran.code(), ran.err());
    JsonNode result = JSON.readTree(ran.out());
    assertEquals(6, result.get("levels").size());
    for (JsonNode level : result.get("levels")) {
      assertEquals(0, level.get("failed").asInt(), ran.out());
      assertTrue(level.at("/image/p50").asDouble() > 0, ran.out());
      assertTrue(level.at("/image/p95").asDouble() >= level.at("/image/p50").asDouble());
      boolean lookup = level.get("ask").asString().equals("LOOKUP");
      assertTrue(lookup || level.at("/end/p50").asDouble() >= level.at("/image/p50").asDouble());
    }
    JsonNode overload = result.get("overload");
    assertEquals(0, overload.get("failed").asInt(), ran.out());
    assertTrue(overload.get("acceptedCount").asInt() > 0, ran.out());
    assertEquals(
        overload.get("sent").asInt(),
        overload.get("acceptedCount").asInt() + overload.get("refused").asInt());
  }

  @Test
  void soak_findsNoLeak_andNoAnswerThatShouldNotBe() {
    Ran ran = bench("soak", "--url=" + tiny.base() + "/", "--requests=200", "--json");
    assertEquals(0, ran.code(), ran.out() + ran.err());
    JsonNode soak = JSON.readTree(ran.out()).get("soak");
    assertEquals(20, soak.get("samples").size());
    assertEquals(200, soak.at("/samples/19/done").asInt());
    assertTrue(soak.at("/samples/19/open").asInt() > 0, "models are open");
    assertTrue(soak.at("/answers/bad_input/200").isMissingNode(), ran.out());
    assertTrue(soak.at("/answers/chat/200").asInt() > 0, ran.out());
  }

  @Test
  void wrongOptions_areRefused() {
    assertEquals(2, bench("server", "--clients=0").code());
    assertEquals(2, bench("soak", "--requests=3").code());
    assertEquals(2, bench("start", "--runs=0").code());
  }
}
