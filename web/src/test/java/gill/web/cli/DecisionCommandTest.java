package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `gill decision show` and `calibrate` on the tiny bundle, whose head says nothing by itself: what
/// is fitted is what users said.
class DecisionCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Path folder;
  private final Path bundle;
  private final Path index;

  DecisionCommandTest(@TempDir Path folder) {
    this.folder = folder;
    this.bundle = TinyBundle.copyTo(folder);
    this.index = TinyCorpus.index(folder, bundle, 8);
  }

  private int run(String command, String... more) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] all = new String[6 + more.length];
    System.arraycopy(
        new String[] {
          "decision", command, "--bundle", bundle.toString(), "--index", index.toString()
        },
        0,
        all,
        0,
        6);
    System.arraycopy(more, 0, all, 6, more.length);
    return gill.execute(all);
  }

  /// Where the head said .9 the corpus was right nine times in ten, where it said .1 once in ten.
  private Path feedback(int entries) throws IOException {
    StringBuilder lines = new StringBuilder("\n");
    Random random = new Random(1);
    for (int i = 0; i < entries; i++) {
      boolean sure = random.nextBoolean();
      boolean retrieve = random.nextDouble() < (sure ? 0.9 : 0.1);
      boolean kept = i % 3 != 0;
      lines.append(
          """
          {"event": "%s", "p_retrieve": %s, "shown": "%s", "prompt": "a picture"}
          """
              .formatted(
                  kept ? "kept" : "switched",
                  sure ? "0.9" : "0.1",
                  retrieve == kept ? "retrieved" : "generated"));
    }
    lines.append("{\"event\": \"wrong\", \"p_retrieve\": 0.9, \"shown\": \"retrieved\"}\n");
    return Files.writeString(folder.resolve("feedback.jsonl"), lines);
  }

  @Test
  void show_beforeAnyFit_saysThatTheBundlesCurvesAreUsed() {
    assertEquals(0, run("show"), err.toString());
    assertEquals(4, out.toString().split("not fitted; the bundle's curve is used", -1).length - 1);
    assertTrue(out.toString().contains("decision  not fitted; the head's own"), out.toString());
  }

  @Test
  void calibrate_withFeedback_fitsTheDecision_andShowTellsIt() throws IOException {
    int entries = 400;
    Path plot = folder.resolve("plot.svg");
    assertEquals(
        0,
        run(
            "calibrate",
            "--json",
            "--feedback",
            feedback(entries).toString(),
            "--plot",
            plot.toString()),
        err.toString());
    JsonNode row = JsonMapper.shared().readTree(out.toString()).at("/decision/0");
    assertEquals("", row.get("fault").asString(), out.toString());
    assertTrue(row.at("/fit/cases").asInt() >= entries, row.toString());
    assertTrue(row.at("/after/error").asDouble() < 0.12, row.toString());
    assertTrue(Files.readString(plot).contains("composed: calibration error"), plot.toString());
    assertEquals(0, run("show"), err.toString());
    assertTrue(out.toString().contains("decision  temperature "), out.toString());
    assertEquals(0, run("show", "--json"), err.toString());
    assertEquals(
        row.at("/fit/temperature").asDouble(),
        JsonMapper.shared().readTree(out.toString()).at("/decision/temperature").asDouble(),
        1e-9);
  }

  @Test
  void calibrate_withoutEnoughToLearn_saysSo_andKeepsTheIndexAsItWas() {
    assertEquals(0, run("calibrate"), err.toString());
    assertTrue(out.toString().contains("decision  not fitted: "), out.toString());
    assertTrue(out.toString().contains("text      not fitted: "), out.toString());
    assertEquals(0, run("show"), err.toString());
    assertFalse(out.toString().contains("temperature"), out.toString());
  }

  @Test
  void feedback_thatIsNone_isNamedByItsLine() throws IOException {
    Path broken =
        Files.writeString(
            folder.resolve("broken.jsonl"),
            "{\"event\": \"kept\", \"p_retrieve\": 0.5, \"shown\": \"retrieved\"}\n{\"event\"\n");
    assertEquals(1, run("calibrate", "--feedback", broken.toString()));
    assertTrue(err.toString().contains("line 2: not an entry of /v1/feedback"), err.toString());
    Files.writeString(
        broken, "{\"event\": \"kept\", \"p_retrieve\": 7, \"shown\": \"retrieved\"}\n");
    assertEquals(1, run("calibrate", "--feedback", broken.toString()));
    assertTrue(err.toString().contains("p_retrieve must be in [0, 1]"), err.toString());
    assertEquals(1, run("calibrate", "--feedback", folder.resolve("none").toString()));
    assertTrue(err.toString().contains("cannot read"), err.toString());
  }
}
