package gill.engine.dialogue;

import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.MatchCurve;
import gill.engine.flow.PromptPart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Joins two searches of one corpus by the weighted mean of their cosines: the [IMG] query, which
/// reads the whole conversation, and the text tower, which reads the request's words alone and
/// names bare things better.
///
/// An image that one search did not return counts there as much as the last one it did return.
public final class Fusion {
  private static final Comparator<Hit> BEST_FIRST =
      Comparator.comparingDouble(Hit::score).reversed().thenComparing(Hit::id);

  private Fusion() {}

  /// What the text tower, which reads the request's words alone, has to say in what is shown beside
  /// 1 of the [IMG] query: as much if the words are all there is, half as much after earlier turns,
  /// nothing beside pictures.
  public static double textWeight(List<PromptPart> parts, boolean afterOthers) {
    if (parts.stream().anyMatch(PromptPart.ImagePart.class::isInstance)) {
      return 0;
    }
    return afterOthers ? 0.5 : 1;
  }

  /// Best first, ties by id; a hit's score is the weighted mean of both cosines, its `p_match` that
  /// of both on the scale of their logarithmic odds. If one search found nothing, the other's hits.
  ///
  /// @param weight of `other` beside 1 of `one`; 0 = `one` alone
  public static Hits of(Hits one, Hits other, double weight) {
    if (weight == 0) {
      return one;
    }
    if (one.isEmpty() || other.isEmpty()) {
      return one.isEmpty() ? other : one;
    }
    Map<ImageId, Hit> images = byId(one);
    other.bestFirst().forEach(hit -> images.putIfAbsent(hit.id(), hit));
    Map<ImageId, Hit> own = byId(one);
    Map<ImageId, Hit> others = byId(other);
    Hit last = one.bestFirst().getLast();
    Hit otherLast = other.bestFirst().getLast();
    List<Hit> fused = new ArrayList<>(images.size());
    for (Hit hit : images.values()) {
      Hit mine = own.getOrDefault(hit.id(), last);
      Hit theirs = others.getOrDefault(hit.id(), otherLast);
      fused.add(
          new Hit(
              hit.image(),
              mean(mine.score(), theirs.score(), weight),
              MatchCurve.sigmoid(
                  mean(
                      MatchCurve.logit(mine.pMatch()),
                      MatchCurve.logit(theirs.pMatch()),
                      weight))));
    }
    fused.sort(BEST_FIRST);
    return new Hits(fused);
  }

  private static double mean(double one, double other, double weight) {
    return (one + weight * other) / (1 + weight);
  }

  private static Map<ImageId, Hit> byId(Hits hits) {
    Map<ImageId, Hit> map = new LinkedHashMap<>();
    hits.bestFirst().forEach(hit -> map.put(hit.id(), hit));
    return map;
  }
}
