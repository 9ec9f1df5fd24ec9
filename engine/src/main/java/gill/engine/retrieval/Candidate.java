package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import java.util.Comparator;
import java.util.List;

/// An image under consideration.
///
/// @param vectorRank place by cosine, from 1; 0 = not in the window
/// @param wordRank place by words, from 1; 0 = not in the window
/// @param alike images that were left out in its favour
record Candidate(ImageId id, double score, int vectorRank, int wordRank, List<ImageId> alike) {
  /// Best first, ties by id.
  static final Comparator<Candidate> ORDER =
      Comparator.comparingDouble(Candidate::score).reversed().thenComparing(Candidate::id);

  Candidate withAlike(List<ImageId> others) {
    return new Candidate(id, score, vectorRank, wordRank, others);
  }
}
