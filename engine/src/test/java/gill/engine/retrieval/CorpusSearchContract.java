package gill.engine.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.QueryException;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Message;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchAnswer.Explanation;
import gill.engine.flow.SearchAnswer.Found;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.SearchRequest.Detail;
import gill.engine.flow.SearchRequest.Page;
import gill.engine.flow.SearchRequest.Variety;
import gill.engine.flow.SortKey;
import gill.engine.flow.SortKey.Direction;
import gill.engine.flow.UnitVector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What whole searches keep to, whichever backend is below.
abstract class CorpusSearchContract {
  private static final QueryEncoders ENCODERS =
      new QueryEncoders(
          text -> SampleRows.vector(new Random(text.hashCode()), SampleRows.CLIP),
          picture -> SampleRows.vector(new Random(picture.width()), SampleRows.CLIP),
          messages -> SampleRows.vector(new Random(messages.hashCode()), SampleRows.GILL));

  private final List<IndexedImage> rows = SearchRows.rows(250, 60);
  private SearchBackend backend = ExactBackend.of(SampleRows.HEADER, List.of());

  abstract SearchBackend backend(List<IndexedImage> rows);

  @BeforeEach
  void open() {
    backend = backend(rows);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private SearchAnswer search(SearchRequest request) {
    return new CorpusSearch(backend).search(request, ENCODERS);
  }

  private static QueryPart words(String text) {
    return new QueryPart.Words(text, 1);
  }

  private static QueryPart like(ImageRecord image, double weight) {
    return new QueryPart.Stored(image.id(), weight);
  }

  private static SearchRequest request(int limit, QueryPart... parts) {
    return new SearchRequest(List.of(parts), limit).with(Ranking.VECTORS);
  }

  private static List<ImageId> ids(SearchAnswer answer) {
    return answer.hits().stream().map(Found::id).toList();
  }

  private IndexedImage row(ImageId id) {
    return rows.stream().filter(row -> row.image().id().equals(id)).findFirst().orElseThrow();
  }

  private QueryException refused(SearchRequest request) {
    return assertThrows(QueryException.class, () -> search(request));
  }

  @Test
  void composed_isTheDirectionOfTheWeightedSum() {
    IndexedImage plus = rows.get(3);
    IndexedImage minus = rows.get(4);
    UnitVector raw = SampleRows.vector(new Random(61), SampleRows.CLIP);
    UnitVector text = ENCODERS.text().apply("a boat");
    float[] sum = new float[SampleRows.CLIP];
    for (int i = 0; i < sum.length; i++) {
      sum[i] =
          2 * plus.clip().toArray()[i]
              - 0.7f * minus.clip().toArray()[i]
              + 0.5f * raw.toArray()[i]
              + text.toArray()[i];
    }
    UnitVector expected = UnitVector.normalise(sum);
    SearchAnswer answer =
        search(
            request(
                20,
                like(plus.image(), 2),
                like(minus.image(), -0.7),
                new QueryPart.Direction(raw, 0.5),
                words("a boat")));
    assertEquals(
        rows.stream()
            .filter(row -> row != plus && row != minus)
            .sorted(Comparator.comparingDouble((IndexedImage row) -> -expected.cosine(row.clip())))
            .limit(20)
            .map(row -> row.image().id())
            .toList(),
        ids(answer));
    for (Found hit : answer.hits()) {
      assertEquals(expected.cosine(row(hit.id()).clip()), hit.score(), 1e-6);
    }
  }

  @Test
  void weights_onlyTheirProportionsMatter() {
    SearchRequest one = request(10, words("a"), like(rows.get(1).image(), -0.5));
    SearchRequest ten = request(10, new QueryPart.Words("a", 10), like(rows.get(1).image(), -5));
    assertEquals(ids(search(one)), ids(search(ten)));
  }

  @Test
  void moreLikeThis_findsTheNearest_butNotItself() {
    IndexedImage it = rows.get(7);
    List<ImageId> found = ids(search(request(249, like(it.image(), 1))));
    assertEquals(249, found.size());
    assertFalse(found.contains(it.image().id()));
    double nearest = it.clip().cosine(row(found.getFirst()).clip());
    rows.stream()
        .filter(row -> row != it)
        .forEach(row -> assertTrue(it.clip().cosine(row.clip()) <= nearest));
  }

  @Test
  void badQueries_areRefusedWithTheirPlace() {
    QueryException unknown =
        refused(request(1, words("a"), new QueryPart.Stored(new ImageId("?"), 1)));
    assertEquals(QueryException.Reason.UNKNOWN_IMAGE, unknown.reason());
    assertEquals("query[1].id", unknown.field());
    UnitVector wrong = SampleRows.vector(new Random(1), SampleRows.CLIP + 1);
    QueryException dimension = refused(request(1, new QueryPart.Direction(wrong, 1)));
    assertEquals("query[0].vector", dimension.field());
    assertEquals(
        "the index's CLIP vectors have 24 dimensions, got one of 25", dimension.getMessage());
    ImageRecord it = rows.getFirst().image();
    assertTrue(
        refused(request(1, like(it, 1), like(it, -1))).getMessage().contains("cancel each other"));
  }

  @Test
  void badValues_cannotBeMade() {
    for (double weight : new double[] {0, Double.NaN, Double.POSITIVE_INFINITY, 101, -101}) {
      assertThrows(IllegalArgumentException.class, () -> new QueryPart.Words("a", weight));
    }
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] values = new float[SampleRows.CLIP];
      values[3] = value;
      assertThrows(IllegalArgumentException.class, () -> UnitVector.of(values));
      assertThrows(IllegalArgumentException.class, () -> UnitVector.normalise(values));
    }
    for (int limit : new int[] {0, -1, 10_001, 1_000_000_000}) {
      assertThrows(IllegalArgumentException.class, () -> Page.first(limit));
    }
    assertThrows(IllegalArgumentException.class, () -> new Page(201, 200, ""));
    assertThrows(IllegalArgumentException.class, () -> request(1, new QueryPart.Words("a", -1)));
    assertThrows(IllegalArgumentException.class, () -> request(1));
    assertThrows(IllegalArgumentException.class, () -> new Variety(1, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new Variety(0, 0.2));
    assertThrows(IllegalArgumentException.class, () -> new Ranking.ReciprocalRanks(0, 0, 60));
    assertThrows(IllegalArgumentException.class, () -> new Ranking.WeightedScores(-1, 2));
    assertThrows(IllegalArgumentException.class, () -> new Filter.Between("width", 2, 1));
    assertThrows(IllegalArgumentException.class, () -> new Filter.Between("width", Double.NaN, 1));
  }

  @Test
  void wordRanking_isTheBackendsOwn_andNeedsText() {
    SearchRequest request = request(30, words("red boat")).with(new Ranking.Words());
    assertEquals(
        backend.searchText("red boat", 30, Set.of()).stream().map(hit -> hit.image().id()).toList(),
        ids(search(request)));
    assertEquals(
        "ranking",
        refused(request(1, like(rows.getFirst().image(), 1)).with(new Ranking.Words())).field());
    assertEquals(
        "ranking",
        refused(
                request(1, words("boat"), like(rows.getFirst().image(), 1))
                    .with(new Ranking.Words()))
            .field());
  }

  @Test
  void reciprocalRanks_sumOverBothLists() {
    SearchRequest request =
        request(250, words("red boat"))
            .with(new Page(250, 250, ""))
            .with(new Ranking.ReciprocalRanks(1, 2, 60))
            .with(Detail.EXPLAINED);
    List<ImageId> near = ids(search(request.with(Ranking.VECTORS)));
    List<ImageId> worded = ids(search(request.with(new Ranking.Words())));
    SearchAnswer answer = search(request);
    assertEquals(250, answer.hits().size());
    for (Found hit : answer.hits()) {
      int word = worded.indexOf(hit.id());
      double expected = 1.0 / (61 + near.indexOf(hit.id())) + (word < 0 ? 0 : 2.0 / (61 + word));
      assertEquals(expected, hit.score(), 1e-12);
      Explanation why = hit.explanation().orElseThrow();
      assertEquals(near.indexOf(hit.id()) + 1, why.vectorRank());
      assertEquals(word + 1, why.wordRank());
    }
    assertInOrder(answer);
  }

  private static void assertInOrder(SearchAnswer answer) {
    List<Found> sorted = new ArrayList<>(answer.hits());
    sorted.sort(Comparator.comparingDouble(Found::score).reversed().thenComparing(hit -> hit.id()));
    assertEquals(sorted, answer.hits());
  }

  @Test
  void weightedScores_areCosinePlusShareOfTheBestWords() {
    SearchRequest request =
        request(40, words("green drum"))
            .with(new Page(40, 40, ""))
            .with(new Ranking.WeightedScores(1, 0.5))
            .with(Detail.EXPLAINED);
    double best = backend.searchText("green drum", 1, Set.of()).getFirst().score();
    SearchAnswer answer = search(request);
    assertInOrder(answer);
    boolean joined = false;
    for (Found hit : answer.hits()) {
      Explanation why = hit.explanation().orElseThrow();
      double words = why.wordRank() == 0 ? 0 : why.words() / best;
      assertEquals(why.cosine() + 0.5 * words, hit.score(), 1e-4);
      joined |= why.vectorRank() == 0 && why.wordRank() > 0;
    }
    assertTrue(joined, "some hit is of the word list alone and has its true cosine");
  }

  @Test
  void explanation_addsUpToTheScore() {
    SearchRequest request =
        request(25, words("cat"), new QueryPart.Words("night", -0.4), like(rows.get(9).image(), 2))
            .with(Detail.EXPLAINED);
    for (Found hit : search(request).hits()) {
      Explanation why = hit.explanation().orElseThrow();
      assertEquals(3, why.parts().size());
      assertEquals(hit.score(), why.cosine(), 1e-6);
      UnitVector image = row(hit.id()).clip();
      assertEquals(ENCODERS.text().apply("night").cosine(image) > 0, why.parts().get(1) < 0);
    }
    SearchRequest worded =
        request(120, words("red cat")).with(new Ranking.Words()).with(Detail.EXPLAINED);
    Set<String> explainedFields = new HashSet<>();
    for (Found hit : search(worded).hits()) {
      Explanation why = hit.explanation().orElseThrow();
      assertEquals(hit.score(), why.words(), 1e-4 * hit.score());
      assertTrue(
          why.fields().keySet().stream()
              .allMatch(Set.of("caption", "keywords", "names.de", "names.fr")::contains));
      assertTrue(
          !why.fields().containsKey("caption") || hit.image().caption().matches(".*(red|cat).*"));
      explainedFields.addAll(why.fields().keySet());
    }
    assertTrue(explainedFields.containsAll(Set.of("caption", "keywords")), "" + explainedFields);
    assertTrue(search(request.with(Detail.PLAIN)).hits().getFirst().explanation().isEmpty());
  }

  static List<Filter> filters() {
    Filter flat = Filter.In.of("style", "flat");
    Filter wide = new Filter.Between("width", 40, 80);
    return List.of(
        Filter.ALL,
        flat,
        wide,
        Filter.In.of("source", "source 1", "source 2", "never"),
        Filter.In.of("author", "Ä. Author"),
        Filter.In.of("licence", "MIT"),
        Filter.In.of("group", "group/2"),
        Filter.In.of("colour", "blue"),
        Filter.In.of("keyword", "drum"),
        Filter.In.of("language", "fr"),
        Filter.In.of("id", "w/0003", "w/0004"),
        Filter.In.of("sha256", "%064x".formatted(17)),
        Filter.In.of("metadata.year", "unknown"),
        new Filter.Between("metadata.year", 2000, Double.POSITIVE_INFINITY),
        new Filter.Between("height", Double.NEGATIVE_INFINITY, 50),
        new Filter.TextBetween("metadata.taken", "2005-01-01", "2010-12-31"),
        new Filter.TextBetween("source", "source 2", ""),
        new Filter.TextBetween("source", "", "source 1"),
        new Filter.Not(flat),
        new Filter.Not(Filter.In.of("metadata.year", "unknown")),
        new Filter.And(List.of(flat, wide, Filter.In.of("colour", "red"))),
        new Filter.Or(List.of(flat, wide)),
        new Filter.Or(List.of()),
        new Filter.Not(new Filter.Or(List.of(flat, new Filter.Not(wide)))));
  }

  @Test
  void filters_choosePreciselyTheImagesThatPass_inEveryRanking() {
    Set<Integer> sizes = new HashSet<>();
    for (Filter filter : filters()) {
      List<ImageId> passing =
          rows.stream()
              .map(IndexedImage::image)
              .filter(image -> FilterFields.passes(image, filter))
              .map(ImageRecord::id)
              .toList();
      sizes.add(passing.size());
      SearchRequest request =
          request(250, words("red boat")).with(new Page(250, 250, "")).with(filter);
      assertEquals(new HashSet<>(passing), new HashSet<>(ids(search(request))), filter.toString());
      for (ImageId id : ids(search(request.with(new Ranking.Words())))) {
        assertTrue(passing.contains(id), filter.toString());
      }
      assertEquals(
          new HashSet<>(passing),
          new HashSet<>(ids(search(request.with(new Ranking.ReciprocalRanks(1, 1, 60))))));
    }
    assertTrue(sizes.size() > 12, "the filters differ: " + sizes);
  }

  @Test
  void badFilters_areRefused() {
    SearchRequest any = request(1, words("a"));
    String message = refused(any.with(Filter.In.of("colours", "red"))).getMessage();
    assertTrue(message.startsWith("this index has no field 'colours'; its fields are"), message);
    assertTrue(message.contains("metadata.taken"), message);
    assertEquals("filter", refused(any.with(Filter.In.of("metadata.shot", "1"))).field());
    assertTrue(
        refused(any.with(Filter.In.of("width", "40"))).getMessage().contains("range of numbers"));
    assertTrue(
        refused(any.with(new Filter.Between("style", 1, 2))).getMessage().contains("no number"));
    assertEquals("filter", refused(any.with(new Filter.In("style", List.of()))).field());
    List<Filter> many = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      many.add(Filter.In.of("style", "s" + i));
    }
    assertTrue(
        refused(any.with(new Filter.Or(many))).getMessage().contains("at most 256 conditions"));
    assertEquals("facets", refused(any.counting(List.of("height"))).field());
    assertEquals("facets", refused(any.counting(List.of("nothing"))).field());
  }

  @Test
  void facets_countTheValuesOfAllImagesThatPass() {
    Filter filter = Filter.In.of("style", "flat");
    SearchAnswer answer =
        search(
            request(1, words("a"))
                .with(filter)
                .counting(List.of("source", "colour", "metadata.year", "language")));
    for (var facet : answer.facets().entrySet()) {
      Map<String, Integer> counts = new HashMap<>();
      for (IndexedImage row : rows) {
        if (FilterFields.passes(row.image(), filter)) {
          FilterFields.texts(row.image(), facet.getKey())
              .forEach(value -> counts.merge(value, 1, Integer::sum));
        }
      }
      assertEquals(ValueCounts.inOrder(counts), facet.getValue());
      assertFalse(facet.getValue().isEmpty());
    }
    List<ValueCount> sources = answer.facets().get("source");
    assertTrue(sources != null && sources.getFirst().count() >= sources.getLast().count());
    assertEquals(4, answer.facets().size());
  }

  @Test
  void pages_areTheWholeRankingCutIntoPieces() {
    for (Ranking ranking :
        List.of(Ranking.VECTORS, new Ranking.Words(), new Ranking.ReciprocalRanks(1, 1, 60))) {
      SearchRequest whole =
          request(100, words("red apple")).with(new Page(100, 100, "")).with(ranking);
      List<ImageId> pieces = new ArrayList<>();
      String cursor = "";
      int pages = 0;
      do {
        SearchAnswer answer = search(whole.with(new Page(7, 100, cursor)));
        pieces.addAll(ids(answer));
        cursor = answer.next();
        pages++;
      } while (!cursor.isEmpty());
      assertEquals(ids(search(whole)), pieces);
      assertEquals((pieces.size() + 6) / 7, pages);
    }
  }

  @Test
  void cursors_ofAnotherQuestionOrIndex_areRefused() {
    SearchRequest first = request(5, words("a"));
    String cursor = search(first).next();
    Page second = new Page(5, 200, cursor);
    assertNotEquals(ids(search(first)), ids(search(first.with(second))));
    for (SearchRequest other :
        List.of(
            request(5, words("b")),
            first.with(Filter.In.of("style", "flat")),
            first.with(new Ranking.ReciprocalRanks(1, 1, 60)),
            first.with(new Variety(0.5, Variety.NEVER_SAME)),
            first.without(Set.of(rows.getFirst().image().id())))) {
      QueryException e = refused(other.with(second));
      assertEquals(QueryException.Reason.STALE_CURSOR, e.reason());
      assertTrue(String.valueOf(e.getMessage()).contains("another query"), e.getMessage());
    }
    try (SearchBackend changed = backend(rows.subList(0, 240))) {
      QueryException e =
          assertThrows(
              QueryException.class,
              () -> new CorpusSearch(changed).search(first.with(second), ENCODERS));
      assertTrue(String.valueOf(e.getMessage()).contains("index has changed"), e.getMessage());
    }
    for (String junk : List.of("x", "%%%", "aGVsbG8", cursor.substring(2), "\u0000")) {
      assertEquals("cursor", refused(first.with(new Page(5, 200, junk))).field());
    }
  }

  @Test
  void nearDuplicates_collapseIntoTheBest() {
    List<IndexedImage> doubled = new ArrayList<>();
    for (IndexedImage row : rows.subList(0, 20)) {
      for (int copy = 0; copy < 3; copy++) {
        doubled.add(SampleRows.row(row.image().id() + "-" + copy, row.clip()));
      }
    }
    try (SearchBackend copies = backend(doubled)) {
      SearchAnswer answer =
          new CorpusSearch(copies)
              .search(request(60, words("a")).with(new Variety(0, 1)), ENCODERS);
      assertEquals(20, answer.hits().size());
      for (Found hit : answer.hits()) {
        String stem = hit.id().value().substring(0, 6);
        assertEquals(stem + "-0", hit.id().value());
        assertEquals(List.of(new ImageId(stem + "-1"), new ImageId(stem + "-2")), hit.alike());
      }
    }
  }

  @Test
  void diversity_keepsTheBest_andLowersTheLikenessOfThePage() {
    SearchRequest plain = request(20, words("a"));
    SearchAnswer near = search(plain);
    SearchAnswer spread = search(plain.with(new Variety(0.7, Variety.NEVER_SAME)));
    assertEquals(ids(near).getFirst(), ids(spread).getFirst());
    assertTrue(likeness(spread) < likeness(near) - 0.05);
    assertEquals(20, new HashSet<>(ids(spread)).size());
    assertEquals(
        "window", refused(plain.with(new Page(20, 1001, "")).with(new Variety(0.5, 0.9))).field());
  }

  private double likeness(SearchAnswer answer) {
    double sum = 0;
    for (Found one : answer.hits()) {
      for (Found other : answer.hits()) {
        sum += row(one.id()).clip().cosine(row(other.id()).clip());
      }
    }
    return sum / (answer.hits().size() * answer.hits().size());
  }

  private static QueryPart ask(String text, double weight) {
    return new QueryPart.Asked(List.of(Message.user(text)), weight);
  }

  @Test
  void asked_isComparedInGillSpace_alone() {
    UnitVector query = ENCODERS.asked().apply(List.of(Message.user("show me a boat")));
    SearchAnswer answer = search(request(30, ask("show me a boat", 2)));
    assertEquals(
        rows.stream()
            .sorted(
                Comparator.comparingDouble((IndexedImage row) -> -query.cosine(row.gill()))
                    .thenComparing(row -> row.image().id()))
            .limit(30)
            .map(row -> row.image().id())
            .toList(),
        ids(answer));
    answer
        .hits()
        .forEach(hit -> assertEquals(query.cosine(row(hit.id()).gill()), hit.score(), 1e-6));
  }

  @Test
  void asked_besideTheOthers_isTheCosineOfBothSpacesSideBySide() {
    UnitVector img = ENCODERS.asked().apply(List.of(Message.user("at night")));
    UnitVector text = ENCODERS.text().apply("a boat");
    SearchRequest request =
        request(250, words("a boat"), ask("at night", -0.5))
            .with(new Page(250, 250, ""))
            .with(Detail.EXPLAINED);
    SearchAnswer answer = search(request);
    assertEquals(250, answer.hits().size());
    assertInOrder(answer);
    double whole = Math.sqrt(2 * (1 + 0.25));
    for (Found hit : answer.hits()) {
      IndexedImage row = row(hit.id());
      double near = text.cosine(row.clip()) / whole;
      double far = -0.5 * img.cosine(row.gill()) / whole;
      assertEquals(near + far, hit.score(), 1e-6);
      List<Double> parts = hit.explanation().orElseThrow().parts();
      assertEquals(near, parts.getFirst(), 1e-6);
      assertEquals(far, parts.getLast(), 1e-6);
    }
    assertNotEquals(ids(search(request(20, words("a boat")))), ids(answer).subList(0, 20));
  }

  @Test
  void asked_rankedWithWords_needsAText() {
    Ranking ranks = new Ranking.ReciprocalRanks(1, 1, 60);
    assertEquals("ranking", refused(request(1, ask("a boat", 1)).with(ranks)).field());
    SearchAnswer both = search(request(20, ask("a boat", 1), words("boat")).with(ranks));
    assertTrue(both.hits().getFirst().image().toString().contains("boat"));
  }

  @Test
  void sort_putsTheBestOfTheWindowInTheOrderOfTheFields_missingLast() {
    SearchRequest request = request(60, words("boat")).with(new Page(60, 60, ""));
    Set<ImageId> best = new HashSet<>(ids(search(request)));
    for (Direction direction : Direction.values()) {
      int sign = direction == Direction.ASC ? 1 : -1;
      SearchAnswer wide = search(request.sorted(List.of(new SortKey("width", direction))));
      assertEquals(best, new HashSet<>(ids(wide)));
      for (int i = 1; i < wide.hits().size(); i++) {
        Found one = wide.hits().get(i - 1);
        Found next = wide.hits().get(i);
        int order = sign * Integer.signum(one.image().width() - next.image().width());
        assertTrue(order < 0 || order == 0 && one.score() >= next.score());
      }
      List<String> dates =
          search(request.sorted(List.of(new SortKey("metadata.taken", direction)))).hits().stream()
              .map(hit -> hit.image().metadata().getOrDefault("taken", ""))
              .toList();
      long missing = dates.stream().filter(String::isEmpty).count();
      assertTrue(missing > 0 && dates.getLast().isEmpty());
      List<String> dated = dates.subList(0, (int) (dates.size() - missing));
      assertEquals(dated.stream().filter(date -> !date.isEmpty()).toList(), dated);
      Comparator<String> natural = Comparator.naturalOrder();
      assertEquals(dated.stream().sorted(sign > 0 ? natural : natural.reversed()).toList(), dated);
    }
  }

  @Test
  void sort_numbersBeforeTexts_manyValuesByTheFirst_thenTheNextKey() {
    SearchRequest request = request(250, words("boat")).with(new Page(250, 250, ""));
    List<String> years =
        search(request.sorted(List.of(new SortKey("metadata.year", Direction.ASC)))).hits().stream()
            .map(hit -> hit.image().metadata().getOrDefault("year", ""))
            .toList();
    assertTrue(years.indexOf("unknown") > years.lastIndexOf("2019"), years.toString());
    SearchAnswer coloured =
        search(
            request.sorted(
                List.of(new SortKey("colour", Direction.DESC), new SortKey("id", Direction.DESC))));
    List<String> order =
        coloured.hits().stream()
            .map(hit ->
                hit.image().colours().stream().max(Comparator.naturalOrder()).orElse("")
                    + hit.id().value())
            .toList();
    assertEquals(order.stream().sorted(Comparator.reverseOrder()).toList(), order);
  }

  @Test
  void sort_pagesAndCursorsStayRight_andBadKeysAreRefused() {
    SearchRequest sorted =
        request(7, words("boat"))
            .sorted(List.of(new SortKey("height", Direction.DESC)))
            .with(new Page(7, 50, ""));
    List<ImageId> pages = new ArrayList<>();
    String cursor = "";
    do {
      SearchAnswer page = search(sorted.with(new Page(7, 50, cursor)));
      pages.addAll(ids(page));
      cursor = page.next();
    } while (!cursor.isEmpty());
    assertEquals(ids(search(sorted.with(new Page(50, 50, "")))), pages);
    String next = search(sorted).next();
    assertEquals(
        QueryException.Reason.STALE_CURSOR,
        refused(
                sorted
                    .sorted(List.of(new SortKey("height", Direction.ASC)))
                    .with(new Page(7, 50, next)))
            .reason());
    assertEquals(
        "sort",
        refused(sorted.sorted(List.of(new SortKey("metadata.never", Direction.ASC)))).field());
    assertEquals(
        ids(search(sorted.sorted(List.of()))),
        ids(search(sorted.sorted(List.of(new SortKey(SortKey.SCORE, Direction.DESC))))));
    assertThrows(IllegalArgumentException.class, () -> sorted.with(new Variety(0.5, 1)));
  }

  @Test
  void language_saysHowWordsAreRead() {
    SearchRequest ding = request(250, words("Dinge")).with(new Ranking.Words());
    int german = search(ding.in("de-AT")).hits().size();
    assertTrue(german > 0, "the German stem of Dinge is Ding");
    assertEquals(german, search(ding).hits().size());
    assertEquals(0, search(ding.in("fr")).hits().size());
    assertEquals(0, search(ding.in("xx")).hits().size());
    String cursor = search(ding.in("de").with(new Page(1, 200, ""))).next();
    assertEquals("cursor", refused(ding.with(new Page(1, 200, cursor))).field());
  }

  @Test
  void usualRanking_joinsWordsAndVectors_whereTextsAreAllThatIsLookedFor() {
    QueryPart not = new QueryPart.Words("night", -0.5);
    assertEquals(Ranking.HYBRID, new SearchRequest(List.of(words("boat"), not), 5).ranking());
    assertEquals(
        Ranking.VECTORS,
        new SearchRequest(List.of(words("boat"), like(rows.getFirst().image(), 1)), 5).ranking());
    assertEquals(Ranking.VECTORS, new SearchRequest(List.of(ask("a boat", 1)), 5).ranking());
    List<ImageId> usual = ids(search(new SearchRequest(List.of(words("red boat")), 10)));
    assertEquals(usual, ids(search(request(10, words("red boat")).with(Ranking.HYBRID))));
    assertNotEquals(usual, ids(search(request(10, words("red boat")))));
  }

  @Test
  void minPMatch_leavesOutTheUnlikely_onEveryPage_andCountsAsBefore() {
    for (Ranking ranking :
        List.of(Ranking.VECTORS, new Ranking.Words(), new Ranking.ReciprocalRanks(1, 1, 60))) {
      SearchRequest all =
          request(100, words("red apple"))
              .with(new Page(100, 100, ""))
              .with(ranking)
              .counting(List.of("source"));
      SearchAnswer whole = search(all);
      double least =
          whole.hits().stream()
              .mapToDouble(Found::pMatch)
              .sorted()
              .skip(whole.hits().size() / 2)
              .findFirst()
              .orElseThrow();
      List<ImageId> likely =
          whole.hits().stream().filter(hit -> hit.pMatch() >= least).map(Found::id).toList();
      List<ImageId> paged = new ArrayList<>();
      String cursor = "";
      do {
        SearchAnswer page = search(all.with(new Page(7, 100, cursor, least)));
        paged.addAll(ids(page));
        assertEquals(whole.facets(), page.facets());
        cursor = page.next();
      } while (!cursor.isEmpty());
      assertEquals(likely, paged);
      String first = search(all.with(new Page(7, 100, "", least))).next();
      assertEquals("cursor", refused(all.with(new Page(7, 100, first, least / 2))).field());
    }
    assertThrows(IllegalArgumentException.class, () -> new Page(7, 100, "", 1.5));
    assertThrows(IllegalArgumentException.class, () -> new Page(7, 100, "", Double.NaN));
  }

  @Test
  void pMatch_isTheSameForEveryRanking_andExplained() {
    SearchRequest byVector =
        request(100, words("red apple")).with(new Page(100, 100, "")).with(Detail.EXPLAINED);
    Map<ImageId, Double> likely = new HashMap<>();
    for (Found hit : search(byVector).hits()) {
      likely.put(hit.id(), hit.pMatch());
      Explanation why = hit.explanation().orElseThrow();
      assertEquals((why.cosine() - why.mean()) / why.spread(), why.z(), 1e-5);
    }
    int met = 0;
    for (Found hit : search(byVector.with(new Ranking.ReciprocalRanks(1, 1, 60))).hits()) {
      if (likely.containsKey(hit.id())) {
        assertEquals(likely.get(hit.id()), hit.pMatch());
        met++;
      }
    }
    assertTrue(met > 10);
  }
}
