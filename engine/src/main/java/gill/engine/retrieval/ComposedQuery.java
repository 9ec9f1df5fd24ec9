package gill.engine.retrieval;

import gill.engine.fault.QueryException;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryPart;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A query of several parts as one CLIP vector: the direction of the weighted sum of the parts'
/// unit vectors, negative ones subtracted.
///
/// @param parts the parts' unit vectors, in the request's order
/// @param shares each part's weight over the length of the sum, so that the cosine of an image with
///   the whole is the sum of share times the cosine with the part
record ComposedQuery(UnitVector vector, List<UnitVector> parts, List<Double> shares) {
  /// A sum shorter than this share of the weights has no direction worth following.
  private static final double CANCELLED = 1e-3;

  /// Throws [QueryException] for an unknown image, a vector of another dimension, and parts that
  /// cancel each other out.
  static ComposedQuery of(List<QueryPart> parts, SearchBackend corpus, ClipEncoders encoders) {
    Map<ImageId, UnitVector> stored = stored(parts, corpus);
    requireDimensions(parts, corpus);
    List<UnitVector> vectors = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      vectors.add(
          switch (parts.get(i)) {
            case QueryPart.Words words -> encoders.text().apply(words.text());
            case QueryPart.Picture picture -> encoders.picture().apply(picture.pixels());
            case QueryPart.Stored it -> known(stored, it.id(), i);
            case QueryPart.Direction it -> it.vector();
          });
    }
    return composed(parts, vectors);
  }

  /// Images of the index that the parts name; they are not hits.
  static Set<ImageId> named(List<QueryPart> parts) {
    Set<ImageId> ids = new HashSet<>();
    for (QueryPart part : parts) {
      if (part instanceof QueryPart.Stored it) {
        ids.add(it.id());
      }
    }
    return ids;
  }

  private static Map<ImageId, UnitVector> stored(List<QueryPart> parts, SearchBackend corpus) {
    Map<ImageId, UnitVector> stored = corpus.vectors(VectorField.CLIP, named(parts));
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i) instanceof QueryPart.Stored it) {
        known(stored, it.id(), i);
      }
    }
    return stored;
  }

  private static UnitVector known(Map<ImageId, UnitVector> stored, ImageId id, int part) {
    UnitVector vector = stored.get(id);
    if (vector == null) {
      throw new QueryException(
          QueryException.Reason.UNKNOWN_IMAGE,
          "query[" + part + "].id",
          "the index holds no image '" + id + "' to search by");
    }
    return vector;
  }

  private static void requireDimensions(List<QueryPart> parts, SearchBackend corpus) {
    int expected = corpus.header().dimension(VectorField.CLIP);
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i) instanceof QueryPart.Direction it && it.vector().dimension() != expected) {
        throw QueryException.invalid(
            "query[" + i + "].vector",
            "the index's CLIP vectors have "
                + expected
                + " dimensions, got one of "
                + it.vector().dimension());
      }
    }
  }

  private static ComposedQuery composed(List<QueryPart> parts, List<UnitVector> vectors) {
    double[] sum = new double[vectors.getFirst().dimension()];
    double weights = 0;
    for (int i = 0; i < parts.size(); i++) {
      float[] vector = vectors.get(i).toArray();
      double weight = parts.get(i).weight();
      weights += Math.abs(weight);
      for (int d = 0; d < sum.length; d++) {
        sum[d] += weight * vector[d];
      }
    }
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    double length = Math.sqrt(squares);
    if (length < CANCELLED * weights) {
      throw QueryException.invalid(
          "query", "the query's parts cancel each other out; change a weight or leave one out");
    }
    float[] direction = new float[sum.length];
    for (int d = 0; d < sum.length; d++) {
      direction[d] = (float) (sum[d] / length);
    }
    return new ComposedQuery(
        UnitVector.normalise(direction),
        vectors,
        parts.stream().map(part -> part.weight() / length).toList());
  }

  /// What each part gives to the cosine with an image; they sum up to the cosine.
  List<Double> contributions(UnitVector image) {
    List<Double> contributions = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      contributions.add(shares.get(i) * parts.get(i).cosine(image));
    }
    return contributions;
  }

  /// All positive texts: what is looked up by words.
  static List<String> words(List<QueryPart> parts) {
    List<String> words = new ArrayList<>();
    for (QueryPart part : parts) {
      if (part instanceof QueryPart.Words(String text, double weight) && weight > 0) {
        words.add(text);
      }
    }
    return words;
  }
}
