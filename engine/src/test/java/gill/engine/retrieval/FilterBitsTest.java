package gill.engine.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.VectorField;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilterBitsTest {
  private static final Filter FLAT = new Filter.In("style", List.of("flat"));

  @TempDir private Path temporary;

  private final List<IndexedImage> rows = SearchRows.rows(3000, 5);
  private Path folder = Path.of("");

  @BeforeEach
  void write() {
    folder = temporary.resolve("index");
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, SampleRows.HEADER)) {
      rows.forEach(writer::add);
      writer.commit();
    }
  }

  private long flat() {
    return rows.stream().filter(row -> row.image().style().equals("flat")).count();
  }

  @Test
  void sameFilterAgain_isNotWorkedOutAgain_otherFiltersAre() throws Exception {
    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(folder))) {
      IndexSearcher searcher = new IndexSearcher(reader);
      FilterBits filters = new FilterBits();
      FilterBits.Passing first = filters.of(searcher, FLAT, Set.of()).getFirst();
      Filter same = new Filter.In("style", List.of("flat"));
      assertSame(first, filters.of(searcher, same, Set.of()).getFirst());
      assertEquals(flat(), first.count());
      assertNull(filters.of(searcher, Filter.ALL, Set.of()).getFirst().bits());
      assertEquals(
          3000 - flat(), filters.of(searcher, new Filter.Not(FLAT), Set.of()).getFirst().count());
    }
  }

  @Test
  void excluded_areTakenFromACopy() throws Exception {
    ImageId out =
        rows.stream()
            .filter(row -> row.image().style().equals("flat"))
            .findFirst()
            .orElseThrow()
            .image()
            .id();
    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(folder))) {
      IndexSearcher searcher = new IndexSearcher(reader);
      FilterBits filters = new FilterBits();
      FilterBits.Passing all = filters.of(searcher, FLAT, Set.of()).getFirst();
      FilterBits.Passing fewer = filters.of(searcher, FLAT, Set.of(out)).getFirst();
      assertNotSame(all, fewer);
      assertEquals(flat() - 1, fewer.count());
      assertEquals(flat(), filters.of(searcher, FLAT, Set.of()).getFirst().count());
      assertEquals(2999, filters.of(searcher, Filter.ALL, Set.of(out)).getFirst().count());
    }
  }

  @Test
  void removedAndAddedImages_areSeenUnderAFilterThatWasAskedBefore() {
    RetrievalQuery query =
        new RetrievalQuery(VectorField.CLIP, rows.getFirst().clip(), 5, Set.of(), FLAT);
    try (LiveIndex live = LiveIndex.open(folder, SampleRows.BUNDLE)) {
      ImageId best = live.searches().search(query).bestFirst().getFirst().id();
      live.remove(List.of(new ImageSelector(ImageSelector.Kind.ID, best.value())));
      List<ImageId> without =
          live.searches().search(query).bestFirst().stream().map(Hit::id).toList();
      assertFalse(without.contains(best));
      live.add(rows.stream().filter(row -> row.image().id().equals(best)).toList());
      assertEquals(best, live.searches().search(query).bestFirst().getFirst().id());
    }
  }
}
