package gill.engine.dialogue;

import gill.engine.decision.DecisionEvidence;
import gill.engine.decision.WordEvidence;
import gill.engine.dialogue.Fusion.Seen;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.CorpusView;
import gill.engine.retrieval.TextHit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the corpus has for an image request, by every search there is.
///
/// @param img the [IMG] query's hits
/// @param text those of the request's words in CLIP space
/// @param shown all that was found, the image to be shown first
public record CorpusLook(Hits img, Hits text, Hits shown, DecisionEvidence evidence) {
  /// @param limit hits of each search; the evidence looks at ten
  static CorpusLook of(CorpusView corpus, Wish wish, int limit, Set<ImageId> excluded) {
    return new Searches(corpus, wish, limit, excluded).look();
  }

  /// The searches of one request.
  private static final class Searches {
    private final CorpusView corpus;
    private final Wish wish;
    private final Asked asked;
    private final Hits img;
    private final Hits text;
    private final List<TextHit> words;
    private final List<TextHit> allWords;
    private final MatchScale imgScale;
    private final MatchScale textScale;
    private final Map<ImageId, ImageRecord> found = new LinkedHashMap<>();

    Searches(CorpusView corpus, Wish wish, int limit, Set<ImageId> excluded) {
      this.corpus = corpus;
      this.wish = wish;
      this.asked = Asked.of(wish.request());
      this.img = corpus.search(new RetrievalQuery(QueryKind.IMG, wish.query(), limit, excluded));
      this.text = search(QueryKind.TEXT, wish.words(), limit, excluded);
      Hits pictures = search(QueryKind.IMAGE, wish.pictures(), limit, excluded);
      this.words = words(wish.request(), limit, excluded);
      this.allWords = wish.earlier().isBlank() ? words : words(wish.all(), limit, excluded);
      this.imgScale = corpus.scale(QueryKind.IMG, wish.query());
      this.textScale =
          wish.words().map(it -> corpus.scale(QueryKind.TEXT, it)).orElse(MatchScale.NONE);
      for (Hits hits : List.of(img, text, pictures)) {
        hits.bestFirst().forEach(hit -> found.put(hit.id(), hit.image()));
      }
      for (List<TextHit> hits : List.of(words, allWords)) {
        hits.forEach(hit -> found.put(hit.image().id(), hit.image()));
      }
    }

    private Hits search(
        QueryKind kind, Optional<UnitVector> vector, int limit, Set<ImageId> excluded) {
      return vector
          .map(it -> corpus.search(new RetrievalQuery(kind, it, limit, excluded)))
          .orElse(Hits.NONE);
    }

    private List<TextHit> words(String said, int limit, Set<ImageId> excluded) {
      return said.isBlank() ? List.of() : corpus.searchText(said, limit, excluded);
    }

    CorpusLook look() {
      List<Seen> seen = seen();
      Hits shown = Fusion.of(seen, wish.setting());
      WordEvidence evidence =
          shown.isEmpty()
              ? WordEvidence.NONE
              : new ShownWords(wish, asked, shown, seen, best(words)).evidence();
      return new CorpusLook(
          img,
          text,
          shown,
          DecisionEvidence.of(wish.request(), img, imgScale, text, textScale, evidence));
    }

    /// Every image that some search found, with the exact cosines that the others would give it.
    private List<Seen> seen() {
      Map<ImageId, UnitVector> gill = corpus.vectors(VectorField.GILL, found.keySet());
      Map<ImageId, UnitVector> clip = corpus.vectors(VectorField.CLIP, found.keySet());
      Map<ImageId, Double> said = shares(words);
      Map<ImageId, Double> saidInAll = shares(allWords);
      Naming request = new Naming(wish.request());
      Naming earlier = new Naming(wish.earlier());
      List<Seen> seen = new ArrayList<>();
      found.forEach((id, image) -> {
        UnitVector inGill = gill.get(id);
        UnitVector inClip = clip.get(id);
        if (inGill != null && inClip != null) {
          double byQuery = inGill.cosine(wish.query());
          double byWords = wish.words().map(inClip::cosine).orElse(0.0);
          seen.add(
              new Seen(
                  image,
                  byQuery,
                  imgScale.pMatch(byQuery),
                  byWords,
                  textScale.pMatch(byWords),
                  wish.pictures().map(inClip::cosine).orElse(0.0),
                  request.of(image).strength(),
                  earlier.of(image).strength(),
                  said.getOrDefault(id, 0.0),
                  saidInAll.getOrDefault(id, 0.0),
                  asked.looks(image)));
        }
      });
      return seen;
    }

    private static Map<ImageId, Double> shares(List<TextHit> hits) {
      Map<ImageId, Double> shares = new LinkedHashMap<>();
      hits.forEach(hit -> shares.put(hit.image().id(), hit.score() / best(hits)));
      return shares;
    }

    private static double best(List<TextHit> hits) {
      return hits.isEmpty() ? 0 : hits.getFirst().score();
    }
  }
}
