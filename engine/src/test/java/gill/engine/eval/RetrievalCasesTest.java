package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The rows that the retrieval table promises have cases, and cases are what their row says.
class RetrievalCasesTest {
  private static final List<RetrievalSuite.Query> QUERIES =
      new Cases(Path.of("..", "index-data", "eval"), 0)
          .read("retrieval", RetrievalSuite.Query.class);

  @Test
  void everyRow_hasEnoughCases() {
    Set<String> missing = new TreeSet<>();
    for (String row :
        List.of(
            "caption",
            "keywords",
            "gloss",
            "other language",
            "image to another style",
            "photo to drawing",
            "image + text: 3D render",
            "word without one of its things")) {
      if (QUERIES.stream().filter(query -> query.kind().endsWith(row)).count() < 80) {
        missing.add(row);
      }
    }
    assertEquals(Set.of(), missing);
  }

  @Test
  void everyCase_hasSomethingToFind_andNeverItsOwnImage() {
    for (RetrievalSuite.Query query : QUERIES) {
      assertFalse(query.right().isEmpty(), query.toString());
      assertFalse(query.right().contains(query.image()), query.toString());
      assertFalse(query.text().isEmpty() && query.image().isEmpty(), query.toString());
      assertEquals(query.kind().startsWith("image + text"), isBoth(query), query.toString());
      assertEquals(query.not().isEmpty(), query.wrong().isEmpty(), query.toString());
    }
  }

  private static boolean isBoth(RetrievalSuite.Query query) {
    return !query.text().isEmpty() && !query.image().isEmpty();
  }

  @Test
  void packThatIsKeptApart_isNeverAskedFor() {
    Set<String> kept =
        QUERIES.stream()
            .flatMap(query -> query.right().stream())
            .filter(id -> id.startsWith("fxemoji"))
            .collect(Collectors.toSet());
    assertTrue(kept.isEmpty(), kept.toString());
  }
}
