package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.CLIP;
import static gill.engine.retrieval.SampleRows.HEADER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What every search backend keeps to.
abstract class SearchBackendContract {
  /// A backend over these rows, in this order; the caller closes it.
  abstract SearchBackend backend(List<IndexedImage> rows);

  private static RetrievalQuery query(UnitVector vector, int limit, ImageId... excluded) {
    return new RetrievalQuery(VectorField.CLIP, vector, limit, Set.of(excluded));
  }

  private static List<ImageId> ids(Hits hits) {
    return hits.bestFirst().stream().map(Hit::id).toList();
  }

  /// The specification of search, for comparison.
  private static List<ImageId> expected(List<IndexedImage> rows, RetrievalQuery query) {
    return rows.stream()
        .filter(row -> !query.excluded().contains(row.image().id()))
        .sorted((a, b) -> {
          int byCosine =
              Double.compare(
                  query.vector().cosine(b.vector(query.field())),
                  query.vector().cosine(a.vector(query.field())));
          return byCosine != 0 ? byCosine : a.image().id().compareTo(b.image().id());
        })
        .limit(query.limit())
        .map(row -> row.image().id())
        .toList();
  }

  @Test
  void search_findsTheNearest_bestFirst_inBothFields() {
    List<IndexedImage> rows = SampleRows.rows(300, 1);
    Random random = new Random(2);
    try (SearchBackend backend = backend(rows)) {
      for (int i = 0; i < 20; i++) {
        for (VectorField field : VectorField.values()) {
          RetrievalQuery query =
              new RetrievalQuery(
                  field, SampleRows.vector(random, HEADER.dimension(field)), 10, Set.of());
          assertEquals(expected(rows, query), ids(backend.search(query)));
        }
      }
    }
  }

  @Test
  void search_scoresAreExactCosines_alsoOfOppositeVectors() {
    float[] axis = new float[CLIP];
    axis[0] = 1;
    float[] opposite = new float[CLIP];
    opposite[0] = -1;
    float[] across = new float[CLIP];
    across[1] = 1;
    List<IndexedImage> rows =
        List.of(
            SampleRows.row("opposite", UnitVector.of(opposite)),
            SampleRows.row("same", UnitVector.of(axis)),
            SampleRows.row("across", UnitVector.of(across)));
    try (SearchBackend backend = backend(rows)) {
      Hits hits = backend.search(query(UnitVector.of(axis), 3));
      assertEquals(List.of(1.0, 0.0, -1.0), hits.bestFirst().stream().map(Hit::score).toList());
      assertEquals("same", hits.bestFirst().getFirst().id().value());
    }
  }

  @Test
  void search_scoreEqualsTheVectorsOwnCosine() {
    List<IndexedImage> rows = SampleRows.rows(50, 3);
    UnitVector vector = SampleRows.vector(new Random(4), CLIP);
    try (SearchBackend backend = backend(rows)) {
      for (Hit hit : backend.search(query(vector, 50)).bestFirst()) {
        IndexedImage row =
            rows.stream().filter(r -> r.image().id().equals(hit.id())).findFirst().orElseThrow();
        assertEquals(vector.cosine(row.clip()), hit.score(), 1e-12);
        assertTrue(hit.score() >= -1 && hit.score() <= 1);
      }
    }
  }

  @Test
  void search_ties_areOrderedById_whateverTheOrderOfWriting() {
    UnitVector same = SampleRows.vector(new Random(5), CLIP);
    List<IndexedImage> rows = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      rows.add(SampleRows.row("tie/%02d".formatted(i), same));
    }
    Collections.shuffle(rows, new Random(6));
    try (SearchBackend backend = backend(rows)) {
      List<ImageId> found = ids(backend.search(query(same, 12)));
      assertEquals(found.stream().sorted().toList(), found);
      assertEquals("tie/00", found.getFirst().value());
      assertEquals("tie/11", found.getLast().value());
    }
  }

  @Test
  void search_limitBeyondTheSize_returnsAll() {
    List<IndexedImage> rows = SampleRows.rows(7, 7);
    try (SearchBackend backend = backend(rows)) {
      RetrievalQuery query = query(SampleRows.vector(new Random(8), CLIP), 10_000);
      assertEquals(expected(rows, query), ids(backend.search(query)));
    }
  }

  @Test
  void search_excludedImages_giveWayToTheNext() {
    List<IndexedImage> rows = SampleRows.rows(100, 9);
    UnitVector vector = SampleRows.vector(new Random(10), CLIP);
    try (SearchBackend backend = backend(rows)) {
      List<ImageId> first = ids(backend.search(query(vector, 20)));
      ImageId[] excluded = first.subList(0, 10).toArray(ImageId[]::new);
      RetrievalQuery without = query(vector, 10, excluded);
      assertEquals(first.subList(10, 20), ids(backend.search(without)));
    }
  }

  @Test
  void search_everythingExcluded_findsNothing() {
    List<IndexedImage> rows = SampleRows.rows(5, 11);
    ImageId[] all = rows.stream().map(row -> row.image().id()).toArray(ImageId[]::new);
    try (SearchBackend backend = backend(rows)) {
      assertTrue(backend.search(query(rows.getFirst().clip(), 3, all)).isEmpty());
    }
  }

  @Test
  void search_excludedUnknownId_isNoMatter() {
    List<IndexedImage> rows = SampleRows.rows(5, 12);
    try (SearchBackend backend = backend(rows)) {
      RetrievalQuery query = query(rows.getFirst().clip(), 5, new ImageId("never/seen"));
      assertEquals(5, backend.search(query).bestFirst().size());
    }
  }

  @Test
  void search_wrongDimension_saysBothDimensions() {
    try (SearchBackend backend = backend(SampleRows.rows(3, 13))) {
      UnitVector wrong = SampleRows.vector(new Random(14), CLIP + 1);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> backend.search(query(wrong, 1)));
      assertEquals("the index's clip vectors have 24 dimensions, got one of 25", e.getMessage());
    }
  }

  @Test
  void searchText_findsWordsInCaptionKeywordsAndNames() {
    List<IndexedImage> rows =
        List.of(
            row("apple", "red apple", List.of("fruit")),
            row("pie", "cake", List.of("apples", "baking")),
            row("car", "automobile", List.of("vehicle")));
    try (SearchBackend backend = backend(rows)) {
      assertEquals(List.of("apple", "pie"), found(backend, "an APPLE"));
      assertEquals(List.of("car"), found(backend, "Vehicles"));
      assertEquals(List.of("car"), found(backend, "automobile francais"), "folds accents");
      assertEquals(List.of(), found(backend, "zebra"));
      assertEquals(List.of(), found(backend, "the of"));
      assertEquals(List.of(), found(backend, "  +-&&||!(){}[]^\"~*?:\\/ "));
    }
  }

  private static IndexedImage row(String id, String caption, List<String> keywords) {
    var image = SampleRows.image(id, caption, keywords);
    var named =
        new ImageRecord(
            image.id(),
            caption,
            keywords,
            id.equals("car") ? Map.of("fr", "la voiture Française") : Map.of(),
            "",
            "",
            "",
            "",
            "",
            List.of(),
            image.location(),
            image.sha256(),
            1,
            1,
            Map.of());
    return new IndexedImage(
        named,
        SampleRows.vector(new Random(id.hashCode()), CLIP),
        SampleRows.vector(new Random(~id.hashCode()), SampleRows.GILL));
  }

  private static List<String> found(SearchBackend backend, String text) {
    return backend.searchText(text, 10, Set.of()).stream()
        .map(hit -> hit.image().id().value())
        .toList();
  }

  private static IndexedImage named(String id, Map<String, String> names) {
    IndexedImage row =
        SampleRows.withOrigin(row(id, "thing " + id, List.of()), "ab".repeat(32), "");
    ImageRecord image = row.image();
    return new IndexedImage(
        new ImageRecord(
            image.id(),
            image.caption(),
            List.of(),
            names,
            "",
            "",
            "",
            "",
            "",
            List.of(),
            image.location(),
            image.sha256(),
            1,
            1,
            Map.of()),
        row.clip(),
        row.gill());
  }

  @Test
  void searchText_readsEachLanguageByItsOwnRules() {
    List<IndexedImage> rows =
        List.of(
            named("house", Map.of("de", "Häuser", "pt-BR", "casas", "ru", "дома", "pl", "łódź")),
            named("horse", Map.of("de", "Pferd", "fr", "les chevaux", "sv", "hästar")),
            named("school", Map.of("ja", "小学校の先生", "ko", "학교", "zh", "小学老师")),
            named("book", Map.of("ar", "الكتاب", "tr", "kitaplar", "hi", "किताबें")));
    try (SearchBackend backend = backend(rows)) {
      Map<String, String> expected =
          Map.ofEntries(
              Map.entry("haus", "house"),
              Map.entry("Hauses", "house"),
              Map.entry("casa", "house"),
              Map.entry("домами", "house"),
              Map.entry("LODZ", "house"),
              Map.entry("cheval", "horse"),
              Map.entry("hästen", "horse"),
              Map.entry("小学校", "school"),
              Map.entry("先生", "school"),
              Map.entry("老师", "school"),
              Map.entry("كتاب", "book"),
              Map.entry("kitap", "book"),
              Map.entry("किताब", "book"));
      expected.forEach((text, id) -> assertEquals(List.of(id), found(backend, text), text));
      assertEquals(
          List.of(),
          backend.searchText(new WordQuery("cheval", "de", 10, Set.of(), Filter.ALL)),
          "not a German word");
      assertEquals(
          1, backend.searchText(new WordQuery("casa", "pt", 10, Set.of(), Filter.ALL)).size());
    }
  }

  @Test
  void searchText_wordsOfSeveralLanguages_addUp_andEachCountsOnce() {
    List<IndexedImage> rows =
        List.of(
            named("both", Map.of("de", "Apfel", "fr", "rouge")),
            named("twice", Map.of("de", "Apfel", "sv", "apfel", "nl", "apfel")),
            named("one", Map.of("de", "Apfel")));
    try (SearchBackend backend = backend(rows)) {
      assertEquals("both", found(backend, "Apfel rouge").getFirst());
      List<TextHit> hits = backend.searchText("Apfel", 10, Set.of());
      assertEquals(hits.getFirst().score(), hits.getLast().score(), 1e-6);
    }
  }

  @Test
  void searchText_scoresAreTheFormulas() {
    List<IndexedImage> rows = SearchRows.rows(120, 15);
    try (SearchBackend backend = backend(rows);
        SearchBackend exact = ExactBackend.of(SampleRows.HEADER, rows)) {
      for (String text : List.of("red apple", "blue engines drum", "Ding", "deutsch boat cat")) {
        List<TextHit> expected = exact.searchText(text, 200, Set.of());
        List<TextHit> found = backend.searchText(text, 200, Set.of());
        assertEquals(expected.size(), found.size());
        Map<ImageId, Double> scores = new HashMap<>();
        expected.forEach(hit -> scores.put(hit.image().id(), hit.score()));
        for (TextHit hit : found) {
          double score = scores.getOrDefault(hit.image().id(), 0.0);
          assertEquals(score, hit.score(), 1e-5 * score, text);
          Map<String, Double> shares = backend.wordScores(text, "", hit.image().id());
          assertEquals(
              score, shares.values().stream().mapToDouble(Double::doubleValue).sum(), 1e-5 * score);
          Map<String, Double> formula = exact.wordScores(text, "", hit.image().id());
          formula.forEach((field, share) ->
              assertEquals(share, shares.getOrDefault(field, 0.0), 1e-5 * score, field));
        }
      }
    }
  }

  @Test
  void searchText_veryLongText_isCutOff_notRefused() {
    StringBuilder text = new StringBuilder("boat ");
    for (int i = 0; i < 3000; i++) {
      text.append("word").append(i).append(' ').append("小学校".repeat(3));
    }
    List<IndexedImage> rows = SearchRows.rows(40, 16);
    try (SearchBackend backend = backend(rows)) {
      assertEquals(found(backend, "boat"), found(backend, text.toString()));
    }
  }

  @Test
  void searchText_captionOutweighsKeyword_andScoresArePositive() {
    List<IndexedImage> rows =
        List.of(
            row("a-keyword", "thing", List.of("boat")), row("b-caption", "boat", List.of("thing")));
    try (SearchBackend backend = backend(rows)) {
      List<TextHit> hits = backend.searchText("boat", 10, Set.of());
      assertEquals(
          List.of("b-caption", "a-keyword"),
          hits.stream().map(hit -> hit.image().id().value()).toList());
      assertTrue(hits.getFirst().score() > hits.getLast().score());
      assertTrue(hits.getLast().score() > 0);
    }
  }

  @Test
  void searchText_tiesById_limitAndExclusion() {
    List<IndexedImage> rows = new ArrayList<>();
    for (String id : List.of("d", "b", "e", "a", "c")) {
      rows.add(row(id, "tree", List.of()));
    }
    try (SearchBackend backend = backend(rows)) {
      assertEquals(List.of("a", "b", "c", "d", "e"), found(backend, "trees"));
      assertEquals(
          List.of("b", "d"),
          backend.searchText("tree", 2, Set.of(new ImageId("a"), new ImageId("c"))).stream()
              .map(hit -> hit.image().id().value())
              .toList());
      assertThrows(IllegalArgumentException.class, () -> backend.searchText("tree", 0, Set.of()));
    }
  }

  @Test
  void find_givesTheWholeRecordBack() {
    List<IndexedImage> rows = SampleRows.rows(4, 15);
    try (SearchBackend backend = backend(rows)) {
      for (IndexedImage row : rows) {
        assertEquals(Optional.of(row.image()), backend.find(row.image().id()));
      }
      assertEquals(Optional.empty(), backend.find(new ImageId("never/seen")));
    }
  }

  @Test
  void sameIdTwice_theLatterCounts() {
    UnitVector vector = SampleRows.vector(new Random(16), CLIP);
    List<IndexedImage> rows =
        List.of(
            row("twice", "old", List.of()),
            row("once", "other", List.of()),
            row("twice", "new", List.of()));
    try (SearchBackend backend = backend(rows)) {
      assertEquals(2, backend.size());
      assertEquals("new", backend.find(new ImageId("twice")).orElseThrow().caption());
      assertEquals(2, backend.search(query(vector, 10)).bestFirst().size());
      assertEquals(List.of(), found(backend, "old"));
    }
  }

  @Test
  void idsOfAnyScript_areKept() {
    List<IndexedImage> rows = List.of(row("名前/ä b#?%.webp", "x", List.of("日本語")));
    try (SearchBackend backend = backend(rows)) {
      ImageId id = rows.getFirst().image().id();
      assertEquals(rows.getFirst().image(), backend.find(id).orElseThrow());
      assertTrue(backend.search(query(rows.getFirst().clip(), 5, id)).isEmpty());
    }
  }

  @Test
  void header_saysWhoMadeTheIndex() {
    try (SearchBackend backend = backend(SampleRows.rows(2, 17))) {
      assertEquals(HEADER, backend.header());
      assertEquals(HEADER.bundle().fingerprint(), backend.fingerprint());
      assertEquals(HEADER.imageRoot(), backend.imageRoot());
      assertEquals(2, backend.size());
    }
  }

  @Test
  void closed_refusesEveryCall_andClosesTwice() {
    SearchBackend backend = backend(SampleRows.rows(2, 18));
    backend.close();
    backend.close();
    UnitVector vector = SampleRows.vector(new Random(19), CLIP);
    assertThrows(IllegalStateException.class, () -> backend.search(query(vector, 1)));
    assertThrows(IllegalStateException.class, () -> backend.searchText("x", 1, Set.of()));
    assertThrows(IllegalStateException.class, () -> backend.find(new ImageId("x")));
    assertThrows(IllegalStateException.class, backend::size);
  }

  @Test
  void eightThreads_seeTheSameAnswers() throws Exception {
    List<IndexedImage> rows = SampleRows.rows(1500, 20);
    Random random = new Random(21);
    List<RetrievalQuery> queries = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      queries.add(query(SampleRows.vector(random, CLIP), 5));
    }
    try (SearchBackend backend = backend(rows);
        var threads = Executors.newFixedThreadPool(8)) {
      List<Hits> alone = queries.stream().map(backend::search).toList();
      Callable<Boolean> work =
          () -> {
            boolean equal = true;
            for (int round = 0; round < 5; round++) {
              equal &= alone.equals(queries.stream().map(backend::search).toList());
              equal &= backend.searchText("picture sample", 3, Set.of()).size() == 3;
            }
            return equal;
          };
      List<Future<Boolean>> results = threads.invokeAll(Collections.nCopies(8, work));
      for (Future<Boolean> result : results) {
        assertTrue(result.get());
      }
      assertFalse(alone.contains(Hits.NONE));
    }
  }

  @Test
  void pMatch_growsWithTheScore_andIsTheScalesOwn() {
    List<IndexedImage> rows = SampleRows.rows(700, 41);
    try (SearchBackend backend = backend(rows);
        SearchBackend exact = ExactBackend.of(HEADER, rows)) {
      for (QueryKind kind : QueryKind.values()) {
        UnitVector vector = SampleRows.vector(new Random(42), HEADER.dimension(kind.field()));
        MatchScale scale = backend.scale(kind, vector);
        assertEquals(exact.scale(kind, vector), scale);
        double above = 1;
        for (Hit hit : backend.search(new RetrievalQuery(kind, vector, 50, Set.of())).bestFirst()) {
          assertEquals(scale.pMatch(hit.score()), hit.pMatch());
          assertTrue(hit.pMatch() <= above && hit.pMatch() >= 0);
          above = hit.pMatch();
        }
      }
    }
  }

  @Test
  void sample_isTheLowestHashes_whateverTheOrderOfRows() {
    List<IndexedImage> rows = new ArrayList<>(SampleRows.rows(120, 43));
    try (SearchBackend one = backend(rows)) {
      Collections.reverse(rows);
      try (SearchBackend other = backend(rows)) {
        assertEquals(one.sample(30), other.sample(30));
        assertEquals(120, one.sample(1000).size());
        List<Long> hashes =
            one.sample(30).stream().map(it -> MatchSample.hash(it.id().value())).toList();
        assertEquals(hashes.stream().sorted(Long::compareUnsigned).toList(), hashes);
      }
    }
  }
}
