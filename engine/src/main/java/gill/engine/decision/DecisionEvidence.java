package gill.engine.decision;

import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What two searches of the corpus say about a request: the named features of
/// docs/model-bundle-format.md. All are 0 where nothing was found.
///
/// @param maxRetrievalScore cosine of the best hit for the [IMG] query
/// @param retrievalMargin best minus tenth hit (minus the last, if there are fewer)
/// @param maxTextScore best cosine of the request's text in CLIP space
/// @param textMargin as `retrievalMargin`, of the text's search
/// @param scoreAgreement 1 if both searches have the same best hit, else the share of their first
///   ten hits that both have
/// @param captionOverlap share of the request's content words found in the best [IMG] hit's
///   caption, keywords or names; 1 if the request has none
public record DecisionEvidence(
    double maxRetrievalScore,
    double retrievalMargin,
    double maxTextScore,
    double textMargin,
    double scoreAgreement,
    double captionOverlap) {
  private static final int DEPTH = 10;

  /// @param request the request's last text
  /// @param imgHits the corpus' answer to the [IMG] query, at least ten hits if there are so many
  /// @param textHits the corpus' answer to the request's CLIP text embedding, likewise
  public static DecisionEvidence of(String request, Hits imgHits, Hits textHits) {
    return new DecisionEvidence(
        best(imgHits),
        margin(imgHits),
        best(textHits),
        margin(textHits),
        agreement(imgHits, textHits),
        imgHits.isEmpty() ? 0 : overlap(request, imgHits.bestFirst().getFirst().image()));
  }

  /// A feature by its name in the bundle's manifest. Throws [IllegalArgumentException] for an
  /// unknown one.
  public double feature(String name) {
    return switch (name) {
      case "max_retrieval_score" -> maxRetrievalScore;
      case "retrieval_margin" -> retrievalMargin;
      case "max_text_score" -> maxTextScore;
      case "text_margin" -> textMargin;
      case "score_agreement" -> scoreAgreement;
      case "caption_overlap" -> captionOverlap;
      default -> throw new IllegalArgumentException("no decision feature is called " + name);
    };
  }

  private static double best(Hits hits) {
    return hits.isEmpty() ? 0 : hits.bestFirst().getFirst().score();
  }

  private static double margin(Hits hits) {
    List<Hit> first = firstTen(hits);
    return first.isEmpty() ? 0 : first.getFirst().score() - first.getLast().score();
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
    return ContentWords.shareFound(
        request,
        Stream.of(
                Stream.of(image.caption()),
                image.keywords().stream(),
                image.names().values().stream())
            .flatMap(texts -> texts));
  }
}
