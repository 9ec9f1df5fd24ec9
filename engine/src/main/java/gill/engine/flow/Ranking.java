package gill.engine.flow;

import java.util.List;

/// How the hits of a search are put in order.
public sealed interface Ranking {
  Ranking VECTORS = new Vectors();

  /// Words and vectors in the proportion that measured best (docs/decisions.md).
  Ranking HYBRID = new WeightedScores(1, 0.5);

  /// How a query is ranked that does not say: [#HYBRID] if it looks for texts alone. Beside other
  /// things a text says what to change about them, and its words would find its own images.
  static Ranking usual(List<QueryPart> parts) {
    return parts.stream()
            .filter(part -> part.weight() > 0)
            .allMatch(QueryPart.Words.class::isInstance)
        ? HYBRID
        : VECTORS;
  }

  /// By cosine with the composed query vector; a hit's score is that cosine.
  record Vectors() implements Ranking {}

  /// By words alone; a hit's score is its BM25.
  record Words() implements Ranking {}

  /// By both ranks: a hit's score is the sum of weight / (constant + rank) over the two lists it is
  /// in (reciprocal rank fusion, Cormack et al. 2009).
  ///
  /// @param vectors weight of the list by cosine, 0 to 100
  /// @param words weight of the list by words, 0 to 100
  /// @param constant 1 to 10000; the larger, the less the first ranks stand out
  record ReciprocalRanks(double vectors, double words, int constant) implements Ranking {
    public ReciprocalRanks {
      requireWeights(vectors, words);
      if (constant < 1 || constant > 10_000) {
        throw new IllegalArgumentException("constant must be in [1, 10000], got " + constant);
      }
    }
  }

  /// By a weighted sum: cosine, and BM25 as a share of the best BM25 of the query.
  ///
  /// @param vectors weight of the cosine, 0 to 100
  /// @param words weight of the BM25, 0 to 100
  record WeightedScores(double vectors, double words) implements Ranking {
    public WeightedScores {
      requireWeights(vectors, words);
    }
  }

  private static void requireWeights(double vectors, double words) {
    if (!(vectors >= 0 && vectors <= 100 && words >= 0 && words <= 100 && vectors + words > 0)) {
      throw new IllegalArgumentException(
          "the weights of vectors and words must be in [0, 100] and not both 0, got "
              + vectors
              + " and "
              + words);
    }
  }
}
