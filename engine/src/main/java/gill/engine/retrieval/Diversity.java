package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.SearchRequest.Variety;
import gill.engine.flow.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Makes a ranking less of the same: near-duplicates collapse into the best of them, then each next
/// image is the one of the highest (1 - diversity) * relevance - diversity * likeness, where
/// relevance is the score stretched to [0, 1] over the ranking and likeness the highest cosine with
/// an image already chosen.
final class Diversity {
  /// f32 rounding of a cosine.
  private static final double ROUNDING = 1e-6;

  private final Map<ImageId, UnitVector> vectors;

  Diversity(Map<ImageId, UnitVector> vectors) {
    this.vectors = vectors;
  }

  List<Candidate> apply(List<Candidate> ranked, Variety variety) {
    List<Candidate> kept =
        variety.sameFrom() > 1 ? ranked : collapsed(ranked, variety.sameFrom() - ROUNDING);
    return variety.diversity() == 0 ? kept : spread(kept, variety.diversity());
  }

  private double likeness(Candidate one, Candidate other) {
    UnitVector a = vectors.get(one.id());
    UnitVector b = vectors.get(other.id());
    // Taken out of the index meanwhile: like nothing.
    return a == null || b == null ? -1 : a.cosine(b);
  }

  private List<Candidate> collapsed(List<Candidate> ranked, double from) {
    List<Candidate> kept = new ArrayList<>();
    List<List<ImageId>> alike = new ArrayList<>();
    for (Candidate candidate : ranked) {
      int same = 0;
      while (same < kept.size() && likeness(kept.get(same), candidate) < from) {
        same++;
      }
      if (same < kept.size()) {
        alike.get(same).add(candidate.id());
      } else {
        kept.add(candidate);
        alike.add(new ArrayList<>());
      }
    }
    for (int i = 0; i < kept.size(); i++) {
      kept.set(i, kept.get(i).withAlike(List.copyOf(alike.get(i))));
    }
    return kept;
  }

  private List<Candidate> spread(List<Candidate> ranked, double diversity) {
    if (ranked.isEmpty()) {
      return ranked;
    }
    double top = ranked.getFirst().score();
    double range = Math.max(top - ranked.getLast().score(), 1e-9);
    double[] nearest = new double[ranked.size()];
    boolean[] taken = new boolean[ranked.size()];
    List<Candidate> chosen = new ArrayList<>();
    int next = 0;
    while (next >= 0) {
      taken[next] = true;
      chosen.add(ranked.get(next));
      int best = -1;
      double bestValue = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < taken.length; i++) {
        if (!taken[i]) {
          double likeness = likeness(ranked.get(i), ranked.get(next));
          nearest[i] = chosen.size() == 1 ? likeness : Math.max(nearest[i], likeness);
          double relevance = 1 - (top - ranked.get(i).score()) / range;
          double value = (1 - diversity) * relevance - diversity * nearest[i];
          if (value > bestValue) {
            best = i;
            bestValue = value;
          }
        }
      }
      next = best;
    }
    return chosen;
  }
}
