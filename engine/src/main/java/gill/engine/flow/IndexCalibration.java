package gill.engine.flow;

import java.util.Map;
import java.util.Optional;

/// What was fitted to one index and lies in it.
///
/// @param match per kind of query; a kind without a fit is left out
/// @param decision of the decision head's probability
public record IndexCalibration(Map<QueryKind, MatchFit> match, DecisionFit decision) {
  public static final IndexCalibration NONE = new IndexCalibration(Map.of(), DecisionFit.NONE);

  /// A fitted curve.
  ///
  /// @param queries how many it was fitted to
  /// @param error expected calibration error of the best hits of queries it was not fitted to, ten
  ///   bins
  /// @param models names the models that made the queries: under others the fit does not hold
  public record MatchFit(MatchCurve curve, int queries, double error, String models) {}

  /// A correction of the head's P(retrieve): `sigmoid(logit(p) / temperature + bias)`.
  ///
  /// @param cases how many it was fitted to; 0 = none was
  /// @param error expected calibration error afterwards, on cases it was not fitted to
  public record DecisionFit(
      double temperature, double bias, int cases, double error, String models) {
    public static final DecisionFit NONE = new DecisionFit(1, 0, 0, 0, "");

    public DecisionFit {
      if (!(temperature > 0 && Double.isFinite(temperature) && Double.isFinite(bias))) {
        throw new IllegalArgumentException(
            "a temperature above 0 and a bias are needed, got " + temperature + " and " + bias);
      }
    }

    /// The head's probability before it was corrected: the inverse of [#apply].
    public double undo(double p) {
      return this.equals(NONE) ? p : MatchCurve.sigmoid((MatchCurve.logit(p) - bias) * temperature);
    }

    /// The corrected probability, in [0, 1].
    public double apply(double p) {
      return this.equals(NONE) ? p : MatchCurve.sigmoid(MatchCurve.logit(p) / temperature + bias);
    }
  }

  public IndexCalibration {
    match = Map.copyOf(match);
  }

  public Optional<MatchFit> match(QueryKind kind) {
    return Optional.ofNullable(match.get(kind));
  }
}
