package gill.engine.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.VectorField;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneCorpusSearchTest extends CorpusSearchContract {
  @TempDir private Path temporary;

  private int folders;

  @Override
  SearchBackend backend(List<IndexedImage> rows) {
    Path folder = temporary.resolve("index" + folders++);
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, SampleRows.HEADER)) {
      rows.forEach(writer::add);
      writer.commit();
    }
    return LuceneBackend.open(folder, SampleRows.BUNDLE);
  }

  @Test
  void graphSearch_underFilters_findsOnlyWhatPasses_andMostOfIt() {
    List<IndexedImage> many = SearchRows.rows(5000, 70);
    Random random = new Random(71);
    try (SearchBackend lucene = backend(many);
        SearchBackend exact = ExactBackend.of(SampleRows.HEADER, many)) {
      for (Filter filter : filters()) {
        int same = 0;
        int all = 0;
        for (int i = 0; i < 10; i++) {
          RetrievalQuery query =
              new RetrievalQuery(
                  VectorField.CLIP,
                  SampleRows.vector(random, SampleRows.CLIP),
                  10,
                  Set.of(),
                  filter);
          List<Hit> expected = exact.search(query).bestFirst();
          List<Hit> found = lucene.search(query).bestFirst();
          assertEquals(expected.size(), found.size(), filter.toString());
          assertTrue(found.stream().allMatch(hit -> FilterFields.passes(hit.image(), filter)));
          all += expected.size();
          same += (int) found.stream().filter(expected::contains).count();
        }
        assertTrue(same >= 0.95 * all, filter + " found " + same + " of " + all);
      }
    }
  }
}
