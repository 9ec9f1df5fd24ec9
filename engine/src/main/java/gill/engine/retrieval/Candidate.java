package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.Comparator;
import java.util.List;

/// An image under consideration.
///
/// @param vectorRank place by cosine, from 1; 0 = not in the window
/// @param wordRank place by words, from 1; 0 = not in the window
/// @param alike images that were left out in its favour
record Candidate(
    ImageRecord image, double score, int vectorRank, int wordRank, List<ImageId> alike) {
  /// Best first, ties by id.
  static final Comparator<Candidate> ORDER =
      Comparator.comparingDouble(Candidate::score).reversed().thenComparing(Candidate::id);

  ImageId id() {
    return image.id();
  }

  Candidate withAlike(List<ImageId> others) {
    return new Candidate(image, score, vectorRank, wordRank, others);
  }
}
