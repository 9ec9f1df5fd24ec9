package gill.engine.eval;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/// How good a list of images is, by which of them are right. Images count, so a concept that fills
/// the first places with many wrong drawings pays for each.
final class Ranks {
  private Ranks() {}

  /// 1 if one of the first `k` is right, else 0.
  static <T> double recallAt(int k, List<T> bestFirst, Collection<T> right) {
    return bestFirst.stream().limit(k).anyMatch(right::contains) ? 1 : 0;
  }

  /// Discounted gain of the first `k` over that of a perfect list: right = 1, wrong = 0, place i
  /// counts 1 / log2(i + 1) (Järvelin and Kekäläinen 2002). 0 if nothing is right.
  static <T> double ndcgAt(int k, List<T> bestFirst, Set<T> right) {
    double gain = 0;
    for (int i = 0; i < Math.min(k, bestFirst.size()); i++) {
      if (right.contains(bestFirst.get(i))) {
        gain += discount(i);
      }
    }
    double best = 0;
    for (int i = 0; i < Math.min(k, right.size()); i++) {
      best += discount(i);
    }
    return best == 0 ? 0 : gain / best;
  }

  /// The share of the first `k` places that hold one of `which`.
  static <T> double shareAt(int k, List<T> bestFirst, Set<T> which) {
    return bestFirst.stream().limit(k).filter(which::contains).count() / (double) k;
  }

  private static double discount(int index) {
    return Math.log(2) / Math.log(index + 2);
  }
}
