package gill.engine.retrieval;

import gill.engine.flow.Effort;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Ranking;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Brings the list by vector and the list by words into one order; see [Ranking].
///
/// @param window length of each list, and of the ranking
record CandidateRanking(
    CorpusView corpus, int window, Set<ImageId> excluded, Filter filter, Effort effort) {
  /// Best first, ties by id.
  List<Candidate> byVector(ComposedQuery query) {
    List<ScoredId> order = new ArrayList<>();
    query
        .sums()
        .forEach((field, sum) ->
            order.addAll(
                corpus.nearest(
                    new RetrievalQuery(
                        QueryKind.of(field), sum.direction(), window, excluded, filter, effort))));
    List<Candidate> ranked = new ArrayList<>();
    for (ScoredId it : query.sums().size() == 1 ? order : inBothSpaces(query, order)) {
      ranked.add(new Candidate(it.id(), it.score(), ranked.size() + 1, 0, List.of()));
    }
    return ranked;
  }

  private List<ScoredId> inBothSpaces(ComposedQuery query, List<ScoredId> found) {
    return cosines(query, found.stream().map(ScoredId::id).distinct().toList()).entrySet().stream()
        .map(it -> new ScoredId(it.getKey(), it.getValue()))
        .sorted(Comparator.comparingDouble(ScoredId::score).reversed().thenComparing(ScoredId::id))
        .limit(window)
        .toList();
  }

  private Map<ImageId, Double> cosines(ComposedQuery query, Collection<ImageId> images) {
    Map<ImageId, Double> cosines = new HashMap<>();
    vectors(corpus, query, images).forEach((id, vectors) -> cosines.put(id, query.cosine(vectors)));
    return cosines;
  }

  /// The images' vectors in the spaces of the query.
  static Map<ImageId, Map<VectorField, UnitVector>> vectors(
      CorpusView corpus, ComposedQuery query, Collection<ImageId> images) {
    Map<ImageId, Map<VectorField, UnitVector>> all = new HashMap<>();
    for (VectorField field : query.sums().keySet()) {
      corpus
          .vectors(field, images)
          .forEach((id, vector) ->
              all.computeIfAbsent(id, _ -> new EnumMap<>(VectorField.class)).put(field, vector));
    }
    return all;
  }

  List<Candidate> byWords(String text, String language) {
    List<Candidate> ranked = new ArrayList<>();
    for (ScoredId hit : corpus.worded(new WordQuery(text, language, window, excluded, filter))) {
      ranked.add(new Candidate(hit.id(), hit.score(), 0, ranked.size() + 1, List.of()));
    }
    return ranked;
  }

  /// @param near as [#byVector] gives them
  /// @param worded as [#byWords] gives them
  List<Candidate> byRanks(
      List<Candidate> near, List<Candidate> worded, Ranking.ReciprocalRanks ranking) {
    return joined(
        near,
        worded,
        (one, other) ->
            share(ranking.vectors(), one.vectorRank(), ranking.constant())
                + share(ranking.words(), other.wordRank(), ranking.constant()));
  }

  private static double share(double weight, int rank, int constant) {
    return rank == 0 ? 0 : weight / (constant + rank);
  }

  /// @param near as [#byVector] gives them
  /// @param worded as [#byWords] gives them
  List<Candidate> byScores(
      ComposedQuery query,
      List<Candidate> near,
      List<Candidate> worded,
      Ranking.WeightedScores ranking) {
    double best = worded.isEmpty() ? 1 : worded.getFirst().score();
    Map<ImageId, Double> cosines = cosines(query, worded.stream().map(Candidate::id).toList());
    near.forEach(it -> cosines.put(it.id(), it.score()));
    return joined(
        near,
        worded,
        (one, other) ->
            ranking.vectors() * cosines.getOrDefault(one.id(), 0.0)
                + ranking.words() * other.score() / best);
  }

  @FunctionalInterface
  private interface Score {
    /// Of one image as it stands in the list by vector and in the list by words.
    double of(Candidate near, Candidate worded);
  }

  private List<Candidate> joined(List<Candidate> near, List<Candidate> worded, Score score) {
    Map<ImageId, Candidate> byVector = byId(near);
    Map<ImageId, Candidate> byWords = byId(worded);
    Set<ImageId> ids = new LinkedHashSet<>(byVector.keySet());
    ids.addAll(byWords.keySet());
    List<Candidate> all = new ArrayList<>();
    ids.forEach(id -> {
      Candidate absent = new Candidate(id, 0, 0, 0, List.of());
      Candidate one = byVector.getOrDefault(id, absent);
      Candidate other = byWords.getOrDefault(id, absent);
      all.add(
          new Candidate(id, score.of(one, other), one.vectorRank(), other.wordRank(), List.of()));
    });
    all.sort(Candidate.ORDER);
    return all.subList(0, Math.min(window, all.size()));
  }

  private static Map<ImageId, Candidate> byId(List<Candidate> candidates) {
    Map<ImageId, Candidate> map = new HashMap<>();
    candidates.forEach(it -> map.put(it.id(), it));
    return map;
  }
}
