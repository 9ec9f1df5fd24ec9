package gill.engine.flow;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The answer to a [SearchRequest].
///
/// @param hits best first
/// @param next cursor of the next page; empty = there is none
/// @param facets for each field asked for, its values and in how many images they occur, most
///   frequent first
/// @param calibrated whether `p_match` was fitted to this index for this kind of query; else it is
///   read by the bundle's curve
public record SearchAnswer(
    List<Found> hits, String next, Map<String, List<ValueCount>> facets, boolean calibrated) {
  public SearchAnswer {
    hits = List.copyOf(hits);
    facets = Map.copyOf(facets);
  }

  /// An image that was found.
  ///
  /// @param score as the [Ranking] defines it
  /// @param pMatch probability that the image shows what was asked, in [0, 1]; by its vector alone,
  ///   whatever the ranking
  /// @param alike images left out because they are nearly the same as this one
  /// @param explanations one, if it was asked for
  public record Found(
      ImageRecord image,
      double score,
      double pMatch,
      List<ImageId> alike,
      List<Explanation> explanations) {
    public Found {
      alike = List.copyOf(alike);
      explanations = List.copyOf(explanations);
    }

    public ImageId id() {
      return image.id();
    }

    public Optional<Explanation> explanation() {
      return explanations.stream().findFirst();
    }
  }

  public record ValueCount(String value, int count) {}

  /// What made a score.
  ///
  /// @param cosine with the composed query vector, in [-1, 1]: the sum of `parts`
  /// @param parts what each part of the query gave to the cosine, in the request's order
  /// @param mean of the query's cosines with the index's background sample
  /// @param spread their standard deviation
  /// @param z the cosine in spreads above the mean; what `p_match` is read from
  /// @param words BM25: the sum of `fields`; 0 if no word occurs or none was looked up
  /// @param fields what each text field gave to the BM25
  /// @param vectorRank place in the list by cosine, from 1; 0 = not in the window
  /// @param wordRank place in the list by words, from 1; 0 = not in the window
  public record Explanation(
      double cosine,
      List<Double> parts,
      double mean,
      double spread,
      double z,
      double words,
      Map<String, Double> fields,
      int vectorRank,
      int wordRank) {
    public Explanation {
      parts = List.copyOf(parts);
      fields = Map.copyOf(fields);
    }
  }
}
