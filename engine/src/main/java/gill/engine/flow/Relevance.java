package gill.engine.flow;

import java.util.EnumMap;
import java.util.Map;

/// What a bundle brings to the reading of an index: curves for want of a fit, and the names of the
/// models that make its queries.
///
/// @param curves a kind without one has [MatchCurve#DEFAULT]
/// @param models per kind; a fit made under another name is not used. A kind without a name takes
///   any fit
/// @param decisionModels the same for the decision's fit; empty takes any
public record Relevance(
    Map<QueryKind, MatchCurve> curves, Map<QueryKind, String> models, String decisionModels) {
  public static final Relevance UNKNOWN = new Relevance(Map.of(), Map.of(), "");

  public Relevance {
    curves = Map.copyOf(curves);
    models = Map.copyOf(models);
  }

  public MatchCurve curve(QueryKind kind) {
    return curves.getOrDefault(kind, MatchCurve.DEFAULT);
  }

  public String models(QueryKind kind) {
    return models.getOrDefault(kind, "");
  }

  /// Those of an index's fits that hold under this bundle.
  public IndexCalibration valid(IndexCalibration stored) {
    Map<QueryKind, IndexCalibration.MatchFit> match = new EnumMap<>(QueryKind.class);
    stored
        .match()
        .forEach((kind, fit) -> {
          if (same(models(kind), fit.models())) {
            match.put(kind, fit);
          }
        });
    return new IndexCalibration(
        match,
        same(decisionModels, stored.decision().models())
            ? stored.decision()
            : IndexCalibration.DecisionFit.NONE);
  }

  private static boolean same(String mine, String other) {
    return mine.isEmpty() || mine.equals(other);
  }
}
