package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCases;
import gill.engine.testing.TinyCorpus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `gill eval` from the command line to the files it leaves, with the tiny bundle.
class EvalCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private Path bundle;
  private Path index;
  private Path cases;

  @BeforeEach
  void prepare() {
    bundle = TinyBundle.copyTo(folder);
    index = TinyCorpus.index(folder, bundle, 8);
    cases = TinyCases.write(folder, bundle);
  }

  private int eval(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "eval",
                "--bundle",
                bundle.toString(),
                "--index",
                index.toString(),
                "--cases",
                cases.toString(),
                "--out",
                folder.resolve("out").toString(),
                "--threads",
                "1"));
    arguments.addAll(List.of(more));
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return gill.execute(arguments.toArray(String[]::new));
  }

  @Test
  void suites_areMeasured_printedAndWritten() throws IOException {
    assertEquals(0, eval("--suite", "retrieval,conversation", "--seed", "4"), err.toString());
    assertTrue(out.toString().contains("| name, R@1 | 1 |"), out.toString());
    assertTrue(out.toString().contains("* seed: 4"), out.toString());
    assertTrue(
        out.toString()
            .contains("* command: gill eval --threads 1 --suite retrieval,conversation --seed 4\n"),
        out.toString());
    assertTrue(out.toString().contains("cores of"), out.toString());
    assertTrue(err.toString().contains("retrieval: 3/3 cases"), err.toString());
    assertTrue(Files.readString(folder.resolve("out/report.md")).contains("## conversation"));
    assertTrue(Files.readString(folder.resolve("out/transcripts.md")).contains("**draw a cat**"));
    assertFalse(Files.exists(folder.resolve("out/dialogue.json")));
  }

  @Test
  void json_isTheReport() {
    assertEquals(0, eval("--suite", "stories", "--json"), err.toString());
    assertTrue(out.toString().strip().startsWith("{"), out.toString());
    assertTrue(out.toString().contains("\"suite\" : \"stories\""), out.toString());
  }

  @Test
  void docs_getTheTables() throws IOException {
    Path page = folder.resolve("page.md");
    String marks = "<!-- eval:%1$s -->\n<!-- /eval:%1$s -->\n";
    Files.writeString(
        page,
        "Prose.\n" + marks.formatted("run") + marks.formatted("aims") + marks.formatted("stories"));
    assertEquals(0, eval("--suite", "stories", "--write-docs", page.toString()), err.toString());
    String written = Files.readString(page);
    assertTrue(written.startsWith("Prose.\n<!-- eval:run -->\n* bundle: "), written);
    assertTrue(written.contains("| Stories | n |"), written);
  }

  @Test
  void unknownSuite_andMissingCases_areSaid() {
    assertEquals(1, eval("--suite", "poetry"));
    assertTrue(err.toString().contains("no suite is called 'poetry'"), err.toString());
    assertEquals(1, eval("--suite", "stories", "--limit", "30,decison=200"));
    assertTrue(err.toString().contains("no suite is called 'decison'"), err.toString());
    cases = folder.resolve("nowhere");
    assertEquals(1, eval());
    assertTrue(err.toString().contains("gill_training eval-data"), err.toString());
  }
}
