package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCases;
import gill.engine.testing.TinyCorpus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// All suites over the tiny bundle, whose answers are noise: what is checked is that every figure
/// is there, and that a run goes on where it was.
class EvaluationTest {
  @TempDir Path folder;

  private Path data;
  private Subject subject;

  @BeforeEach
  void open() {
    Path bundle = TinyBundle.copyTo(folder);
    data = TinyCases.write(folder, bundle);
    subject = Subject.open(bundle, TinyCorpus.index(folder, bundle, 8), data, 1);
  }

  @AfterEach
  void close() {
    subject.close();
  }

  private Evaluation evaluation(int limit) {
    return new Evaluation(
        subject, new EvalOptions(data, folder.resolve("out"), new Limits(limit, Map.of()), 3));
  }

  @Test
  void everySuite_measures_andLeavesItsResultAndPictures() {
    List<String> seen = new ArrayList<>();
    List<SuiteResult> results =
        evaluation(0)
            .run(
                Set.of(),
                (suite, done, of) -> {
                  if (done == of) {
                    seen.add(suite);
                  }
                });
    assertEquals(Evaluation.suites(), seen);
    assertEquals(Evaluation.suites(), results.stream().map(SuiteResult::suite).toList());
    for (SuiteResult result : results) {
      assertFalse(result.measures().isEmpty() && result.blocks().isEmpty(), result.suite());
      assertTrue(Files.exists(folder.resolve("out/" + result.suite() + ".json")));
      for (String picture : result.pictures()) {
        assertTrue(Files.exists(folder.resolve("out").resolve(picture)), picture);
      }
    }
    List<String> columns =
        results.getFirst().measures().stream().map(Measure::column).distinct().toList();
    assertTrue(columns.containsAll(List.of("GILL query", "CLIP", "BM25")), columns.toString());
    assertEquals(
        1,
        figure(results.getFirst(), "name, R@1", "BM25").value(),
        "the words find the only red apple");
  }

  @Test
  void aResult_isTakenOver_untilSomethingChanges() throws IOException {
    SuiteResult first = evaluation(0).run(Set.of("stories"), Progress.NONE).getFirst();
    List<String> ran = new ArrayList<>();
    Progress progress = (suite, _, _) -> ran.add(suite);
    assertEquals(first, evaluation(0).run(Set.of("stories"), progress).getFirst());
    assertEquals(List.of(), ran);
    evaluation(1).run(Set.of("stories"), progress);
    assertEquals(List.of("stories"), ran);
    Files.writeString(
        data.resolve("stories.jsonl"),
        Files.readString(data.resolve("stories.jsonl")).replace("A cat", "One cat"));
    evaluation(1).run(Set.of("stories"), progress);
    assertEquals(List.of("stories", "stories"), ran);
  }

  @Test
  void aSpoiltCase_isNamedByFileAndLine() throws IOException {
    Files.writeString(data.resolve("stories.jsonl"), "{\"kind\": \"named\", \"parts\": 7}\n");
    UncheckedIOException fault =
        assertThrows(
            UncheckedIOException.class, () -> evaluation(0).run(Set.of("stories"), Progress.NONE));
    assertTrue(String.valueOf(fault.getMessage()).contains("stories.jsonl:1:"), fault.getMessage());
  }

  @Test
  void ablations_ofTheBundle_becomeTables() throws IOException {
    Path metrics = folder.resolve("tiny-bundle/metrics");
    Files.createDirectories(metrics);
    Files.writeString(
        metrics.resolve("ablations.json"),
        """
        {"command": "make", "seed": 7, "mapper": {"linear": {"distance": 0.5, "on": {"r@1": 0.1}}, "gill": {"distance": 0.25}}}
        """);
    SuiteResult result = evaluation(0).run(Set.of("ablations"), Progress.NONE).getFirst();
    assertEquals(
        """
        | mapper | distance | on r@1 |
        |---|---|---|
        | linear | 0.5 | 0.1 |
        | gill | 0.25 |  |
        """,
        result.blocks().getFirst());
    assertTrue(result.blocks().getLast().contains("`make`, seed 7"));
  }

  @Test
  void newAblations_areReadAnew_andLeaveOtherResultsAsTheyAre() throws IOException {
    Set<String> both = Set.of("stories", "ablations");
    List<SuiteResult> before = evaluation(0).run(both, Progress.NONE);
    Path metrics = Files.createDirectories(folder.resolve("tiny-bundle/metrics"));
    Files.writeString(metrics.resolve("ablations.json"), "{\"mapper\": {\"linear\": {\"n\": 1}}}");
    List<SuiteResult> after = evaluation(0).run(both, Progress.NONE);

    assertEquals(before.getFirst(), after.getFirst());
    assertTrue(before.getLast().blocks().getFirst().contains("carries no"));
    assertTrue(after.getLast().blocks().getFirst().contains("| linear | 1 |"));
  }

  @Test
  void anUnknownSuite_isRefusedWithTheKnownOnes() {
    IllegalArgumentException fault =
        assertThrows(
            IllegalArgumentException.class,
            () -> evaluation(0).run(Set.of("poetry"), Progress.NONE));
    assertTrue(String.valueOf(fault.getMessage()).contains("retrieval, dialogue, stories"));
  }

  private static Interval figure(SuiteResult result, String row, String column) {
    return result.measures().stream()
        .filter(it -> it.row().equals(row) && it.column().equals(column))
        .findFirst()
        .orElseThrow()
        .figure();
  }
}
