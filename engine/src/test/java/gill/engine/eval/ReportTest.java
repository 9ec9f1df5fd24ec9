package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final SuiteResult RESULT =
      new SuiteResult(
          "retrieval",
          "key",
          List.of(
              new Measure("Found", "names, R@1", "GILL", new Interval(0.5, 0.25, 0.75, 8)),
              new Measure("Found", "names, R@1", "BM25", new Interval(1, 1, 1, 6))
                  .with(Aim.atLeast(0.9)),
              new Measure("Found", "leaks", "GILL", new Interval(0.2, 0.1, 0.3, 8))
                  .with(Aim.atMost(0.05))),
          List.of("A further block."),
          List.of(),
          12.3);

  @TempDir Path folder;

  private static final Report REPORT = new Report(Map.of("seed", "1"), List.of(RESULT));

  @Test
  void table_hasARowAFigureAndAColumnASystem() {
    assertTrue(
        REPORT
            .block(RESULT)
            .startsWith(
                """
                | Found | n | GILL | BM25 |
                |---|---|---|---|
                | names, R@1 | 8 | .50 (.25–.75) | 1.00, n = 6 |
                | leaks | 8 | .20 (.10–.30) |  |
                """),
        REPORT.block(RESULT));
    assertTrue(REPORT.block(RESULT).contains("A further block."));
  }

  @Test
  void aims_sayWhatIsMetAndWhatIsMissed() {
    assertEquals(
        """
        | figure | measured | aim | |
        |---|---|---|---|
        | retrieval: names, R@1, BM25 | 1.00, n = 6 | ≥ .90 | met |
        | retrieval: leaks, GILL | .20 (.10–.30), n = 8 | ≤ .05 | **missed** |
        """,
        REPORT.aims());
  }

  @Test
  void blocks_areReplaced_andTheRestOfThePageStays() {
    String page =
        """
        # Title
        <!-- eval:run --><!-- /eval:run -->
        prose
        <!-- eval:aims -->
        old
        <!-- /eval:aims -->
        <!-- eval:retrieval -->
        old
        <!-- /eval:retrieval -->
        end
        """;
    DocBlocks blocks = new DocBlocks(REPORT, folder);
    String once = blocks.applied(page, "page");
    assertTrue(once.contains("# Title\n<!-- eval:run -->\n* seed: 1\n<!-- /eval:run -->\nprose\n"));
    assertTrue(once.endsWith("<!-- /eval:retrieval -->\nend\n"));
    assertTrue(!once.contains("old"), once);
    assertEquals(once, blocks.applied(once, "page"));
  }

  @Test
  void pictures_andTranscripts_goBesideThePage() throws IOException {
    SuiteResult talks =
        new SuiteResult(
            "conversation",
            "key",
            List.of(),
            List.of("![plot](plot.svg)"),
            List.of("plot.svg", "transcripts.md"),
            1);
    Path results = Files.createDirectory(folder.resolve("results"));
    Files.writeString(results.resolve("plot.svg"), "<svg/>");
    Files.writeString(results.resolve("transcripts.md"), "* **hello** → Hi.\n");
    Path page = folder.resolve("page.md");
    Path transcripts = folder.resolve("evaluation-transcripts.md");
    Files.writeString(page, "<!-- eval:conversation -->\n<!-- /eval:conversation -->\n");
    Files.writeString(
        transcripts, "Verdict.\n<!-- eval:transcripts -->\nold\n<!-- /eval:transcripts -->\n");
    new DocBlocks(new Report(Map.of(), List.of(talks)), results).write(page);
    assertTrue(Files.readString(page).contains("![plot](images/evaluation-plot.svg)"));
    assertEquals("<svg/>", Files.readString(folder.resolve("images/evaluation-plot.svg")));
    assertEquals(
        "Verdict.\n<!-- eval:transcripts -->\n* **hello** → Hi.\n<!-- /eval:transcripts -->\n",
        Files.readString(transcripts));
  }

  @Test
  void aPageWithoutAPlace_isRefused() {
    IllegalArgumentException fault =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new DocBlocks(REPORT, folder)
                    .applied("<!-- eval:run --><!-- /eval:run -->", "page.md"));
    assertEquals(
        "page.md has no place for the tables: it needs <!-- eval:retrieval --> and, below,"
            + " <!-- /eval:retrieval -->",
        fault.getMessage());
  }
}
