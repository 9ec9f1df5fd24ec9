package gill.engine.retrieval;

import gill.engine.fault.QueryException;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchAnswer.Explanation;
import gill.engine.flow.SearchAnswer.Found;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.SearchRequest.Detail;
import gill.engine.flow.SearchRequest.Variety;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Whole searches over any backend: the parts of a query become one vector, filters choose the
/// images, rankings join vectors and words, and an answer comes in pages. Safe for use by many
/// threads.
public final class CorpusSearch {
  /// Likenesses are compared pair by pair.
  private static final int MOST_COMPARED = 1000;

  private final SearchBackend corpus;

  public CorpusSearch(SearchBackend corpus) {
    this.corpus = corpus;
  }

  /// Throws [QueryException] naming the part at fault.
  public SearchAnswer search(SearchRequest request, ClipEncoders encoders) {
    check(request);
    String state = corpus.state();
    Question question = question(request, encoders);
    Cursor start = Cursor.start(state, question.fingerprint());
    int offset = start.offset(request.page().cursor());
    List<Candidate> ranked = question.rank();
    if (!request.variety().equals(Variety.NONE)) {
      ranked =
          new Diversity(
                  corpus.vectors(VectorField.CLIP, ranked.stream().map(Candidate::id).toList()))
              .apply(ranked, request.variety());
    }
    int from = Math.min(offset, ranked.size());
    int end = Math.min(from + request.page().limit(), ranked.size());
    List<Found> hits = question.found(ranked.subList(from, end));
    Map<String, List<ValueCount>> facets = new LinkedHashMap<>();
    request.facets().forEach(field -> facets.put(field, corpus.count(field, request.filter())));
    return new SearchAnswer(hits, end < ranked.size() ? start.at(end).toString() : "", facets);
  }

  private void check(SearchRequest request) {
    FilterCheck fields = new FilterCheck(corpus.filterFields());
    fields.check(request.filter());
    request.facets().forEach(fields::checkFacet);
    if (!request.variety().equals(Variety.NONE) && request.page().window() > MOST_COMPARED) {
      throw QueryException.invalid(
          "window",
          "with diversity or collapsing the window must be at most "
              + MOST_COMPARED
              + ", got "
              + request.page().window());
    }
  }

  private Question question(SearchRequest request, ClipEncoders encoders) {
    List<String> words = ComposedQuery.words(request.parts());
    boolean onlyWords = request.ranking() instanceof Ranking.Words;
    if (words.isEmpty() && !(request.ranking() instanceof Ranking.Vectors)) {
      throw QueryException.invalid(
          "ranking", "this ranking looks words up: the query needs a text of positive weight");
    }
    if (onlyWords && words.size() < request.parts().size()) {
      throw QueryException.invalid(
          "ranking", "ranking by words alone reads texts of positive weight and nothing else");
    }
    return new Question(
        request,
        String.join(" ", words),
        onlyWords
            ? Optional.empty()
            : Optional.of(ComposedQuery.of(request.parts(), corpus, encoders)));
  }

  /// One request with its query vector, which ranking by words alone does without.
  private final class Question {
    private final SearchRequest request;
    private final String words;
    private final List<ComposedQuery> vector;

    Question(SearchRequest request, String words, Optional<ComposedQuery> vector) {
      this.request = request;
      this.words = words;
      this.vector = vector.stream().toList();
    }

    private Set<ImageId> excluded() {
      Set<ImageId> excluded = new HashSet<>(request.excluded());
      excluded.addAll(ComposedQuery.named(request.parts()));
      return excluded;
    }

    private UnitVector vector() {
      return vector.getFirst().vector();
    }

    /// Everything that decides the ranking.
    String fingerprint() {
      return String.join(
          "\n",
          vector.isEmpty() ? "" : Cursor.ofVector(vector().toArray()),
          words,
          request.ranking().toString(),
          request.filter().toString(),
          excluded().stream().sorted().toList().toString(),
          request.variety().toString(),
          Integer.toString(request.page().window()));
    }

    List<Candidate> rank() {
      Filter filter = request.filter();
      CandidateRanking ranking =
          new CandidateRanking(corpus, request.page().window(), excluded(), filter);
      return switch (request.ranking()) {
        case Ranking.Vectors() -> ranking.byVector(vector());
        case Ranking.Words() -> ranking.byWords(words);
        case Ranking.ReciprocalRanks ranks -> ranking.byRanks(vector(), words, ranks);
        case Ranking.WeightedScores scores -> ranking.byScores(vector(), words, scores);
      };
    }

    List<Found> found(List<Candidate> page) {
      boolean explained = request.detail() == Detail.EXPLAINED;
      Map<ImageId, UnitVector> vectors =
          explained
              ? corpus.vectors(VectorField.CLIP, page.stream().map(Candidate::id).toList())
              : Map.of();
      List<Found> found = new ArrayList<>();
      for (Candidate it : page) {
        found.add(
            new Found(
                it.image(),
                it.score(),
                it.alike(),
                explained ? List.of(explanation(it, vectors)) : List.of()));
      }
      return found;
    }

    private Explanation explanation(Candidate it, Map<ImageId, UnitVector> vectors) {
      UnitVector image = vectors.get(it.id());
      List<Double> parts =
          vector.isEmpty() || image == null ? List.of() : vector.getFirst().contributions(image);
      Map<String, Double> fields =
          request.ranking() instanceof Ranking.Vectors
              ? Map.of()
              : corpus.wordScores(words, it.id());
      return new Explanation(
          parts.stream().mapToDouble(Double::doubleValue).sum(),
          parts,
          fields.values().stream().mapToDouble(Double::doubleValue).sum(),
          fields,
          it.vectorRank(),
          it.wordRank());
    }
  }
}
