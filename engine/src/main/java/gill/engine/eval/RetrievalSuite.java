package gill.engine.eval;

import static gill.engine.flow.VectorField.GILL;

import gill.engine.flow.Filter;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.PromptPart;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finding images of a concept by words, pictures, both, and what they shall not be (the paper's
/// CLIP and VIST retrieval), on the held-out splits.
final class RetrievalSuite implements Suite {
  private static final String TABLE = "Retrieval";

  /// Rankings of the search, beside the [IMG] query; the first three are the parts, the others join
  /// them.
  private static final Map<String, Ranking> RANKINGS = new LinkedHashMap<>();

  static {
    RANKINGS.put("CLIP", Ranking.VECTORS);
    RANKINGS.put("BM25", new Ranking.Words());
    RANKINGS.put("CLIP + BM25 (default)", Ranking.HYBRID);
    RANKINGS.put("CLIP + BM25 (ranks)", new Ranking.ReciprocalRanks(1, 1, 60));
    RANKINGS.put("CLIP + BM25 (1 : 1)", new Ranking.WeightedScores(1, 1));
  }

  /// What to look for, and what is right.
  ///
  /// @param kind the row of the table
  /// @param text may be empty beside an image
  /// @param image id of the query's image, which is not a hit; empty = none
  /// @param not what it shall not be; empty = nothing
  /// @param gallery name of the images searched; `all` = the whole index
  /// @param right ids of the images that answer the query
  /// @param wrong ids that must not be among the hits: what `not` names
  record Query(
      String kind,
      String text,
      String image,
      String not,
      String gallery,
      List<String> right,
      List<String> wrong) {}

  /// A set of images.
  ///
  /// @param without all others instead
  record Gallery(String name, List<String> images, boolean without) {
    Filter filter() {
      Filter these = new Filter.In("id", images);
      return without ? new Filter.Not(these) : these;
    }
  }

  @Override
  public String name() {
    return "retrieval";
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    Map<String, Filter> galleries = new HashMap<>(Map.of("all", Filter.ALL));
    for (Gallery gallery : run.allCases().read("galleries", Gallery.class)) {
      galleries.put(gallery.name(), gallery.filter());
    }
    List<Query> queries = run.cases(Query.class, Query::kind);
    Searcher searcher = new Searcher(subject, galleries);
    for (int i = 0; i < queries.size(); i++) {
      Query query = queries.get(i);
      searcher.answers(query).forEach((system, hits) -> score(run, query, system, hits));
      run.progress(i + 1, queries.size());
    }
    run.aim(TABLE, "unseen style: caption, R@5", "CLIP", Aim.atLeast(0.9));
    run.aim(TABLE, "photo to drawing, R@5", "CLIP", Aim.atLeast(0.6));
    run.aim(TABLE, "unseen concept: caption, R@1", "CLIP", Aim.atLeast(0.8));
    run.aim(TABLE, "unseen style: caption, R@1", "CLIP", Aim.atLeast(0.8));
  }

  private static void score(SuiteRun run, Query query, String system, List<String> hits) {
    Set<String> right = new HashSet<>(query.right());
    run.recalls(TABLE, query.kind(), system, hits, right);
    run.score(TABLE, query.kind() + ", nDCG@10", system, Ranks.ndcgAt(10, hits, right));
    if (!query.wrong().isEmpty()) {
      run.score(
          TABLE,
          query.kind() + ", share of unwanted in 10",
          system,
          Ranks.shareAt(10, hits, Set.copyOf(query.wrong())));
    }
  }

  /// Asks every system.
  private static final class Searcher {
    private final Subject subject;
    private final Map<String, Filter> galleries;

    Searcher(Subject subject, Map<String, Filter> galleries) {
      this.subject = subject;
      this.galleries = galleries;
    }

    /// Ids, best first, by the system that found them.
    Map<String, List<String>> answers(Query query) {
      Map<String, List<String>> answers = new LinkedHashMap<>();
      Hits img = byImgQuery(query);
      answers.put("GILL query", Subject.ids(img));
      if (query.not().isEmpty() && !galleries.containsKey(query.gallery())) {
        // What is shown is looked for in the whole index.
        Turn turn = Drawing.turn(List.of(new Message(Role.USER, parts(query))), excluded(query));
        answers.put(Finders.SHOWN, Subject.ids(subject.dialogue().look(turn).corpus().shown()));
      }
      RANKINGS.forEach((name, ranking) ->
          ranked(query, ranking, true).ifPresent(hits -> answers.put(name, hits)));
      if (!query.not().isEmpty()) {
        ranked(query, Ranking.VECTORS, false)
            .ifPresent(hits -> answers.put("CLIP, wish alone", hits));
      }
      return answers;
    }

    private Hits byImgQuery(Query query) {
      UnitVector vector = subject.query(List.of(new Message(Role.USER, parts(query))));
      return byVector(query, GILL, vector);
    }

    private List<PromptPart> parts(Query query) {
      List<PromptPart> parts = new ArrayList<>();
      if (!query.image().isEmpty()) {
        parts.add(new PromptPart.ImagePart(subject.pixels(query.image())));
      }
      if (!query.text().isEmpty()) {
        parts.add(
            new PromptPart.TextPart(
                query.not().isEmpty() ? query.text() : query.text() + ", but not " + query.not()));
      }
      return parts;
    }

    private Hits byVector(Query query, VectorField field, UnitVector vector) {
      return subject.nearest(field, vector, excluded(query), gallery(query));
    }

    private Filter gallery(Query query) {
      return galleries.getOrDefault(query.gallery(), Filter.ALL);
    }

    private static Set<ImageId> excluded(Query query) {
      return query.image().isEmpty() ? Set.of() : Set.of(new ImageId(query.image()));
    }

    /// Empty if the ranking cannot answer such a query: words need a text, and know neither
    /// pictures nor what to avoid.
    private Optional<List<String>> ranked(Query query, Ranking ranking, boolean avoiding) {
      boolean wordsOnly = ranking instanceof Ranking.Words;
      boolean needsText = !(ranking instanceof Ranking.Vectors);
      if ((needsText && query.text().isEmpty()) || (wordsOnly && !query.image().isEmpty())) {
        return Optional.empty();
      }
      List<QueryPart> parts = new ArrayList<>();
      if (!query.text().isEmpty()) {
        parts.add(new QueryPart.Words(query.text(), 1));
      }
      if (!query.image().isEmpty()) {
        parts.add(new QueryPart.Stored(new ImageId(query.image()), 1));
      }
      if (!query.not().isEmpty() && avoiding && !wordsOnly) {
        parts.add(new QueryPart.Words(query.not(), -0.5));
      }
      SearchRequest request =
          new SearchRequest(parts, Subject.DEPTH).with(ranking).with(gallery(query));
      return Optional.of(
          subject.search().search(request, subject.encoders()).hits().stream()
              .map(hit -> hit.id().value())
              .toList());
    }
  }
}
