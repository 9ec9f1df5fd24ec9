package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.testing.TinyBundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `gill bench index`, in small: what it measures is there, whatever it is.
class IndexBenchTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int bench(String... arguments) {
    out.getBuffer().setLength(0);
    var gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return gill.execute(arguments);
  }

  @Test
  void memory_isToldAlongTheWay() {
    String bundle = TinyBundle.copyTo(folder).toString();
    String[] command = {
      "bench",
      "index",
      "memory",
      "--rows=320",
      "--pictures=3",
      "--bundle=" + bundle,
      "--out=" + folder.resolve("out"),
      "--json"
    };
    assertEquals(0, bench(command), err.toString());
    JsonNode marks = JsonMapper.shared().readTree(out.toString()).get("marks");
    assertEquals(21, marks.size(), out.toString());
    assertEquals(16, marks.at("/0/rows").asInt());
    assertEquals(320, marks.at("/20/rows").asInt());
    for (JsonNode mark : marks) {
      assertTrue(mark.get("residentMb").asDouble() > mark.get("heapMb").asDouble() / 2);
      assertTrue(mark.get("heapMb").asDouble() > 1, out.toString());
    }
    assertEquals(2, bench("bench", "index", "memory", "--rows=3"));
  }

  @Test
  void encoderAndJob_areMeasured() throws IOException {
    String bundle = TinyBundle.copyTo(folder).toString();
    Path pictures = BenchPictures.make(folder.resolve("pictures"), 32, 64, 64);
    for (String way : new String[] {"encoder", "job"}) {
      assertEquals(
          0,
          bench(
              "bench",
              "index",
              "part",
              way,
              pictures.toString(),
              bundle,
              folder.resolve("index").toString()),
          err.toString());
      JsonNode measured = JsonMapper.shared().readTree(out.toString());
      for (String value : new String[] {"images_per_second", "cpu_ms_per_image", "peak_rss_mb"}) {
        assertTrue(measured.get(value).asDouble() > 0, way + ": " + out);
      }
    }
  }
}
