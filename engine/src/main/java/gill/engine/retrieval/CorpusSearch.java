package gill.engine.retrieval;

import gill.engine.fault.QueryException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
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
import java.util.Set;

/// Whole searches over any backend: the parts of a query become one vector, filters choose the
/// images, rankings join vectors and words, and an answer comes in pages. One search sees one state
/// of the index, whatever changes meanwhile. Safe for use by many threads.
public final class CorpusSearch {
  /// Likenesses are compared pair by pair.
  private static final int MOST_COMPARED = 1000;

  private final SearchBackend corpus;

  public CorpusSearch(SearchBackend corpus) {
    this.corpus = corpus;
  }

  /// Throws [QueryException] naming the part at fault.
  public SearchAnswer search(SearchRequest request, QueryEncoders encoders) {
    return corpus.read(view -> answer(view, request, encoders));
  }

  private static SearchAnswer answer(
      CorpusView corpus, SearchRequest request, QueryEncoders encoders) {
    check(corpus, request);
    Question question = question(corpus, request, encoders);
    Cursor start = Cursor.start(corpus.state(), question.fingerprint());
    int offset = start.offset(request.page().cursor());
    List<Candidate> ranked = question.likely(question.rank());
    if (!request.variety().equals(Variety.NONE)) {
      ranked =
          new Diversity(
                  corpus.vectors(VectorField.CLIP, ranked.stream().map(Candidate::id).toList()))
              .apply(ranked, request.variety());
    }
    if (!request.sort().isEmpty()) {
      var images = corpus.records(ranked.stream().map(Candidate::id).toList());
      ranked = ranked.stream().sorted(FieldOrder.of(request.sort(), images)).toList();
    }
    int from = Math.min(offset, ranked.size());
    int end = Math.min(from + request.page().limit(), ranked.size());
    List<Found> hits = question.found(ranked.subList(from, end));
    Map<String, List<ValueCount>> facets = new LinkedHashMap<>();
    request.facets().forEach(field -> facets.put(field, corpus.count(field, request.filter())));
    return new SearchAnswer(
        hits,
        end < ranked.size() ? start.at(end).toString() : "",
        facets,
        question.match.calibrated());
  }

  private static void check(CorpusView corpus, SearchRequest request) {
    FilterCheck fields = new FilterCheck(corpus.filterFields());
    fields.check(request.filter());
    request.facets().forEach(fields::checkFacet);
    request.sort().forEach(key -> fields.checkSort(key.field()));
    if (!request.variety().equals(Variety.NONE) && request.page().window() > MOST_COMPARED) {
      throw QueryException.invalid(
          "window",
          "with diversity or collapsing the window must be at most "
              + MOST_COMPARED
              + ", got "
              + request.page().window());
    }
  }

  private static Question question(
      CorpusView corpus, SearchRequest request, QueryEncoders encoders) {
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
        corpus,
        request,
        String.join(" ", words),
        ComposedQuery.of(request.parts(), corpus, encoders));
  }

  /// One request with its query vector, which ranking by words alone needs for `p_match` only.
  private static final class Question {
    private final CorpusView corpus;
    private final SearchRequest request;
    private final String words;
    private final ComposedQuery query;
    private final QueryMatch match;

    Question(CorpusView corpus, SearchRequest request, String words, ComposedQuery query) {
      this.corpus = corpus;
      this.request = request;
      this.words = words;
      this.query = query;
      this.match = QueryMatch.of(query, request.parts(), corpus);
    }

    private Set<ImageId> excluded() {
      Set<ImageId> excluded = new HashSet<>(request.excluded());
      excluded.addAll(ComposedQuery.named(request.parts()));
      return excluded;
    }

    /// Everything that decides the ranking.
    String fingerprint() {
      return String.join(
          "\n",
          query.fingerprint(),
          words,
          request.language(),
          request.ranking().toString(),
          request.filter().toString(),
          excluded().stream().sorted().toList().toString(),
          request.variety().toString(),
          request.sort().toString(),
          request.effort().toString(),
          Integer.toString(request.page().window()),
          Double.toString(request.page().minPMatch()));
    }

    List<Candidate> rank() {
      CandidateRanking ranking =
          new CandidateRanking(
              corpus, request.page().window(), excluded(), request.filter(), request.effort());
      return switch (request.ranking()) {
        case Ranking.Vectors() -> near(ranking);
        case Ranking.Words() -> worded(ranking);
        case Ranking.ReciprocalRanks ranks ->
            ranking.byRanks(near(ranking), worded(ranking), ranks);
        case Ranking.WeightedScores scores ->
            ranking.byScores(query, near(ranking), worded(ranking), scores);
      };
    }

    private List<Candidate> near(CandidateRanking ranking) {
      return ranking.byVector(query);
    }

    private List<Candidate> worded(CandidateRanking ranking) {
      return ranking.byWords(words, request.language());
    }

    /// Without those below the request's cut-off.
    List<Candidate> likely(List<Candidate> ranked) {
      double least = request.page().minPMatch();
      if (least == 0) {
        return ranked;
      }
      Map<ImageId, Map<VectorField, UnitVector>> vectors = vectors(ranked);
      return ranked.stream()
          .filter(it -> match.pMatch(vectors.getOrDefault(it.id(), Map.of())) >= least)
          .toList();
    }

    private Map<ImageId, Map<VectorField, UnitVector>> vectors(List<Candidate> candidates) {
      return CandidateRanking.vectors(
          corpus, query, candidates.stream().map(Candidate::id).toList());
    }

    List<Found> found(List<Candidate> page) {
      boolean explained = request.detail() == Detail.EXPLAINED;
      Map<ImageId, Map<VectorField, UnitVector>> vectors = vectors(page);
      Map<ImageId, ImageRecord> records = corpus.records(page.stream().map(Candidate::id).toList());
      List<Found> found = new ArrayList<>();
      for (Candidate it : page) {
        ImageRecord record = records.get(it.id());
        if (record == null) {
          continue; // taken out of the index meanwhile
        }
        Map<VectorField, UnitVector> image = vectors.getOrDefault(it.id(), Map.of());
        found.add(
            new Found(
                record,
                it.score(),
                match.pMatch(image),
                it.alike(),
                explained ? List.of(explanation(it, image)) : List.of()));
      }
      return found;
    }

    private Explanation explanation(Candidate it, Map<VectorField, UnitVector> image) {
      List<Double> parts = query.contributions(image);
      Map<String, Double> fields =
          request.ranking() instanceof Ranking.Vectors
              ? Map.of()
              : corpus.wordScores(words, request.language(), it.id());
      return new Explanation(
          parts.stream().mapToDouble(Double::doubleValue).sum(),
          parts,
          match.mean(),
          match.spread(),
          match.z(image),
          fields.values().stream().mapToDouble(Double::doubleValue).sum(),
          fields,
          it.vectorRank(),
          it.wordRank());
    }
  }
}
