package gill.engine.retrieval;

import gill.engine.fault.QueryException;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryKind;
import gill.engine.flow.QueryPart;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A query of several parts as one vector. In each of the two spaces it is the direction of the
/// weighted sum of the parts' unit vectors, negative ones subtracted. Where parts of both spaces
/// meet, the two sums stand side by side, and so do an image's two vectors: the cosine is that of
/// the whole.
///
/// @param sums the direction in each space that has parts
/// @param parts in the request's order
record ComposedQuery(Map<VectorField, Sum> sums, List<Part> parts) {
  /// A sum shorter than this share of the weights has no direction worth following.
  private static final double CANCELLED = 1e-3;

  /// @param share of this space's cosine in the whole; of one space alone 1
  record Sum(UnitVector direction, double share) {}

  /// @param share the cosine of an image with the query is the sum of share times its cosine with
  ///   the part
  record Part(VectorField field, UnitVector vector, double share) {}

  /// Throws [QueryException] for an unknown image, a vector of another dimension, and parts that
  /// cancel each other out.
  static ComposedQuery of(List<QueryPart> parts, CorpusView corpus, QueryEncoders encoders) {
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
            case QueryPart.Asked it -> encoders.asked().apply(it.messages());
          });
    }
    return composed(parts, vectors);
  }

  private static VectorField space(QueryPart part) {
    return part instanceof QueryPart.Asked ? VectorField.GILL : VectorField.CLIP;
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

  private static Map<ImageId, UnitVector> stored(List<QueryPart> parts, CorpusView corpus) {
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

  private static void requireDimensions(List<QueryPart> parts, CorpusView corpus) {
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
    Map<VectorField, double[]> sums = new EnumMap<>(VectorField.class);
    for (int i = 0; i < parts.size(); i++) {
      float[] vector = vectors.get(i).toArray();
      double weight = parts.get(i).weight();
      double[] sum = sums.computeIfAbsent(space(parts.get(i)), _ -> new double[vector.length]);
      for (int d = 0; d < sum.length; d++) {
        sum[d] += weight * vector[d];
      }
    }
    Map<VectorField, Double> lengths = new EnumMap<>(VectorField.class);
    sums.forEach((field, sum) -> lengths.put(field, length(field, sum, parts)));
    // An image's vectors side by side have length √2 in two spaces, 1 in one.
    double whole =
        Math.sqrt(lengths.values().stream().mapToDouble(n -> n * n).sum() * lengths.size());
    Map<VectorField, Sum> directions = new EnumMap<>(VectorField.class);
    sums.forEach((field, sum) -> {
      double length = lengths.getOrDefault(field, 1.0);
      float[] direction = new float[sum.length];
      for (int d = 0; d < sum.length; d++) {
        direction[d] = (float) (sum[d] / length);
      }
      directions.put(field, new Sum(UnitVector.normalise(direction), length / whole));
    });
    List<Part> shares = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      shares.add(new Part(space(parts.get(i)), vectors.get(i), parts.get(i).weight() / whole));
    }
    return new ComposedQuery(directions, shares);
  }

  private static double length(VectorField field, double[] sum, List<QueryPart> parts) {
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    double length = Math.sqrt(squares);
    double weights =
        parts.stream()
            .filter(part -> space(part) == field)
            .mapToDouble(part -> Math.abs(part.weight()))
            .sum();
    if (length < CANCELLED * weights) {
      throw QueryException.invalid(
          "query", "the query's parts cancel each other out; change a weight or leave one out");
    }
    return length;
  }

  /// The cosine with an image.
  ///
  /// @param image its vectors, at least in the spaces of the query
  double cosine(Map<VectorField, UnitVector> image) {
    double cosine = 0;
    for (Map.Entry<VectorField, Sum> sum : sums.entrySet()) {
      UnitVector vector = image.get(sum.getKey());
      cosine +=
          vector == null ? 0 : sum.getValue().share() * sum.getValue().direction().cosine(vector);
    }
    return cosine;
  }

  /// What each part gives to the cosine with an image; they sum up to the cosine.
  List<Double> contributions(Map<VectorField, UnitVector> image) {
    List<Double> contributions = new ArrayList<>();
    for (Part part : parts) {
      UnitVector vector = image.get(part.field());
      contributions.add(vector == null ? 0 : part.share() * part.vector().cosine(vector));
    }
    return contributions;
  }

  /// What decides the ranking, for a cursor.
  String fingerprint() {
    StringBuilder all = new StringBuilder();
    sums.forEach((field, sum) ->
        all.append(field).append(sum.share()).append(Cursor.ofVector(sum.direction().toArray())));
    return all.toString();
  }

  /// What this query is in a space.
  static QueryKind kind(List<QueryPart> parts, VectorField field) {
    if (field == VectorField.GILL) {
      return QueryKind.IMG;
    }
    List<QueryPart> here = parts.stream().filter(part -> space(part) == field).toList();
    if (here.stream().allMatch(QueryPart.Words.class::isInstance)) {
      return QueryKind.TEXT;
    }
    return here.stream()
            .allMatch(it -> it instanceof QueryPart.Picture || it instanceof QueryPart.Stored)
        ? QueryKind.IMAGE
        : QueryKind.COMPOSED;
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
