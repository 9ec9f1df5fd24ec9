package gill.engine.flow;

import gill.engine.flow.IndexCalibration.DecisionFit;
import java.util.List;

/// What fitting an index to itself came to.
///
/// @param calibration what holds from now on
/// @param match one row per kind of query that was tried
/// @param decision one row, or none if the decision was not tried
public record CalibrationReport(
    IndexCalibration calibration, List<MatchRow> match, List<DecisionRow> decision) {
  public CalibrationReport {
    match = List.copyOf(match);
    decision = List.copyOf(decision);
  }

  /// A kind of query. `before` and `after` are of the best hits of all queries; `after` judges each
  /// half of them by the curve that was fitted to the other half.
  ///
  /// @param queries captions tried
  /// @param before by the curve that held so far
  /// @param fault why there is no fit; empty if there is one
  public record MatchRow(
      QueryKind kind, int queries, Reliability before, Reliability after, String fault) {}

  /// The decision, judged likewise.
  ///
  /// @param macroF1Before at one half, on the held-out half
  /// @param fault why there is no fit; empty if there is one
  public record DecisionRow(
      DecisionFit fit,
      Reliability before,
      Reliability after,
      double macroF1Before,
      double macroF1After,
      String fault) {}
}
