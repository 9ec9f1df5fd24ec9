package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Ranking;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Brings the list by vector and the list by words into one order; see [Ranking].
///
/// @param window length of each list, and of the ranking
record CandidateRanking(SearchBackend corpus, int window, Set<ImageId> excluded, Filter filter) {
  /// Best first, ties by id.
  List<Candidate> byVector(UnitVector vector) {
    List<Candidate> ranked = new ArrayList<>();
    for (Hit hit :
        corpus
            .search(new RetrievalQuery(VectorField.CLIP, vector, window, excluded, filter))
            .bestFirst()) {
      ranked.add(new Candidate(hit.image(), hit.score(), ranked.size() + 1, 0, List.of()));
    }
    return ranked;
  }

  List<Candidate> byWords(String text) {
    List<Candidate> ranked = new ArrayList<>();
    for (TextHit hit : corpus.searchText(new WordQuery(text, window, excluded, filter))) {
      ranked.add(new Candidate(hit.image(), hit.score(), 0, ranked.size() + 1, List.of()));
    }
    return ranked;
  }

  List<Candidate> byRanks(UnitVector vector, String text, Ranking.ReciprocalRanks ranking) {
    return joined(
        byVector(vector),
        byWords(text),
        (near, worded) ->
            share(ranking.vectors(), near.vectorRank(), ranking.constant())
                + share(ranking.words(), worded.wordRank(), ranking.constant()));
  }

  private static double share(double weight, int rank, int constant) {
    return rank == 0 ? 0 : weight / (constant + rank);
  }

  List<Candidate> byScores(UnitVector vector, String text, Ranking.WeightedScores ranking) {
    List<Candidate> near = byVector(vector);
    List<Candidate> worded = byWords(text);
    double best = worded.isEmpty() ? 1 : worded.getFirst().score();
    Map<ImageId, Double> cosines = new HashMap<>();
    corpus
        .vectors(VectorField.CLIP, worded.stream().map(Candidate::id).toList())
        .forEach((id, it) -> cosines.put(id, vector.cosine(it)));
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
    Map<ImageId, ImageRecord> images = new LinkedHashMap<>();
    near.forEach(it -> images.put(it.id(), it.image()));
    worded.forEach(it -> images.put(it.id(), it.image()));
    List<Candidate> all = new ArrayList<>();
    images.forEach((id, image) -> {
      Candidate absent = new Candidate(image, 0, 0, 0, List.of());
      Candidate one = byVector.getOrDefault(id, absent);
      Candidate other = byWords.getOrDefault(id, absent);
      all.add(
          new Candidate(
              image, score.of(one, other), one.vectorRank(), other.wordRank(), List.of()));
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
