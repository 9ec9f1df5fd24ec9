package gill.engine.decision;

import gill.engine.flow.ContentWords;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.MatchScale;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What two searches of the corpus say about a request: the named features of
/// docs/model-bundle-format.md. All are 0 where nothing was found.
///
/// @param img of the [IMG] query's search
/// @param text of the search by the request's words in CLIP space
/// @param scoreAgreement 1 if both searches have the same best hit, else the share of their first
///   ten hits that both have
/// @param captionOverlap share of the request's content words found in the best [IMG] hit's
///   caption, keywords or names; 1 if the request has none
/// @param words what the request's words say about the image that would be shown
public record DecisionEvidence(
    Found img, Found text, double scoreAgreement, double captionOverlap, WordEvidence words) {
  private static final int DEPTH = 10;

  /// What one search found.
  ///
  /// @param score cosine of the best hit
  /// @param margin best minus tenth cosine (minus the last, if there are fewer)
  /// @param z of the best hit
  /// @param zMargin best minus tenth z
  /// @param pMatch of the best hit
  public record Found(double score, double margin, double z, double zMargin, double pMatch) {
    static final Found NOTHING = new Found(0, 0, 0, 0, 0);

    /// @param hits at least ten, if there are so many
    /// @param scale of the same query
    static Found of(Hits hits, MatchScale scale) {
      List<Hit> first = firstTen(hits);
      if (first.isEmpty()) {
        return NOTHING;
      }
      Hit best = first.getFirst();
      double last = first.getLast().score();
      return new Found(
          best.score(),
          best.score() - last,
          scale.z(best.score()),
          scale.z(best.score()) - scale.z(last),
          best.pMatch());
    }
  }

  /// @param request the request's last text
  /// @param imgHits the corpus' answer to the [IMG] query, at least ten hits if there are so many
  /// @param textHits the corpus' answer to the request's CLIP text embedding, likewise
  public static DecisionEvidence of(
      String request,
      Hits imgHits,
      MatchScale imgScale,
      Hits textHits,
      MatchScale textScale,
      WordEvidence words) {
    return new DecisionEvidence(
        Found.of(imgHits, imgScale),
        Found.of(textHits, textScale),
        agreement(imgHits, textHits),
        imgHits.isEmpty() ? 0 : overlap(request, imgHits.bestFirst().getFirst().image()),
        words);
  }

  /// A feature by its name in the bundle's manifest. Throws [IllegalArgumentException] for an
  /// unknown one.
  public double feature(String name) {
    return switch (name) {
      case "max_retrieval_score" -> img.score();
      case "retrieval_margin" -> img.margin();
      case "img_z" -> img.z();
      case "img_z_margin" -> img.zMargin();
      case "img_p_match" -> img.pMatch();
      case "max_text_score" -> text.score();
      case "text_margin" -> text.margin();
      case "text_z" -> text.z();
      case "text_z_margin" -> text.zMargin();
      case "text_p_match" -> text.pMatch();
      case "score_agreement" -> scoreAgreement;
      case "caption_overlap" -> captionOverlap;
      default -> words.feature(name);
    };
  }

  private static double agreement(Hits one, Hits other) {
    if (one.isEmpty() || other.isEmpty()) {
      return 0;
    }
    if (one.bestFirst().getFirst().id().equals(other.bestFirst().getFirst().id())) {
      return 1;
    }
    Set<ImageId> shared = new HashSet<>();
    firstTen(one).forEach(hit -> shared.add(hit.id()));
    return firstTen(other).stream().filter(hit -> shared.contains(hit.id())).count()
        / (double) DEPTH;
  }

  private static List<Hit> firstTen(Hits hits) {
    return hits.bestFirst().subList(0, Math.min(DEPTH, hits.bestFirst().size()));
  }

  static double overlap(String request, ImageRecord image) {
    return ContentWords.shareFound(request, image);
  }
}
