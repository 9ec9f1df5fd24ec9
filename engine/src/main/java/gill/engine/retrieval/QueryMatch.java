package gill.engine.retrieval;

import gill.engine.flow.MatchCurve;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryPart;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// How likely images show what a composed query asks for. Of a query in both spaces the two
/// likelihoods' log-odds are joined by the spaces' shares in the query.
///
/// @param scales in each space of the query
record QueryMatch(ComposedQuery query, Map<VectorField, MatchScale> scales) {
  static QueryMatch of(ComposedQuery query, List<QueryPart> parts, CorpusView corpus) {
    Map<VectorField, MatchScale> scales = new EnumMap<>(VectorField.class);
    query
        .sums()
        .forEach((field, sum) ->
            scales.put(field, corpus.scale(ComposedQuery.kind(parts, field), sum.direction())));
    return new QueryMatch(query, scales);
  }

  /// Whether every space has a curve of the index's own.
  boolean calibrated() {
    return scales.values().stream().allMatch(MatchScale::calibrated);
  }

  /// In [0, 1].
  ///
  /// @param image its vectors in the spaces of the query
  double pMatch(Map<VectorField, UnitVector> image) {
    return MatchCurve.sigmoid(
        joined(field -> MatchCurve.logit(scale(field).pMatch(cosine(field, image)))));
  }

  /// What z is of: joined likewise.
  double mean() {
    return joined(field -> scale(field).mean());
  }

  double spread() {
    return joined(field -> scale(field).spread());
  }

  double z(Map<VectorField, UnitVector> image) {
    return joined(field -> scale(field).z(cosine(field, image)));
  }

  private MatchScale scale(VectorField field) {
    return scales.getOrDefault(field, MatchScale.NONE);
  }

  private double cosine(VectorField field, Map<VectorField, UnitVector> image) {
    ComposedQuery.Sum sum = query.sums().get(field);
    UnitVector vector = image.get(field);
    return sum == null || vector == null ? -1 : sum.direction().cosine(vector);
  }

  private double joined(ToDoubleFunction<VectorField> value) {
    double sum = 0;
    double shares = 0;
    for (Map.Entry<VectorField, ComposedQuery.Sum> it : query.sums().entrySet()) {
      sum += it.getValue().share() * value.applyAsDouble(it.getKey());
      shares += it.getValue().share();
    }
    return sum / shares;
  }
}
