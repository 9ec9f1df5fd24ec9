package gill.engine.dialogue;

import gill.engine.decision.DecisionEvidence;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.CorpusView;
import java.util.Optional;
import java.util.Set;

/// What the corpus has for an image request, by the [IMG] query and by the request's words.
record CorpusLook(Hits img, Hits text, DecisionEvidence evidence) {
  /// @param words of the request in CLIP space; empty if it has none
  /// @param limit hits of each search; the evidence looks at ten
  static CorpusLook of(
      CorpusView corpus,
      String request,
      UnitVector query,
      Optional<UnitVector> words,
      int limit,
      Set<ImageId> excluded) {
    Hits img = corpus.search(new RetrievalQuery(QueryKind.IMG, query, limit, excluded));
    Hits text =
        words
            .map(it -> corpus.search(new RetrievalQuery(QueryKind.TEXT, it, limit, excluded)))
            .orElse(Hits.NONE);
    MatchScale textScale =
        words.map(it -> corpus.scale(QueryKind.TEXT, it)).orElse(MatchScale.NONE);
    return new CorpusLook(
        img,
        text,
        DecisionEvidence.of(request, img, corpus.scale(QueryKind.IMG, query), text, textScale));
  }
}
