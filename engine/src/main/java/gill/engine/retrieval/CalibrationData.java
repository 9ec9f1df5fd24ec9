package gill.engine.retrieval;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.IndexCalibration.DecisionFit;
import gill.engine.flow.IndexCalibration.MatchFit;
import gill.engine.flow.MatchCurve;
import gill.engine.flow.QueryKind;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// An [IndexCalibration] in an index's commit data: `gill.match.<kind>` is "cosine mean z bias
/// queries error models", `gill.decision` is "temperature bias cases error models". A value that
/// cannot be read counts as none: a search does not fail for it, its hits are not calibrated.
public final class CalibrationData {
  private static final String MATCH = "gill.match.";
  private static final String DECISION = "gill.decision";

  private CalibrationData() {}

  public static Map<String, String> write(IndexCalibration calibration) {
    Map<String, String> data = new LinkedHashMap<>();
    calibration
        .match()
        .forEach((kind, fit) -> {
          MatchCurve curve = fit.curve();
          data.put(
              key(kind),
              join(
                  curve.cosine(),
                  curve.mean(),
                  curve.z(),
                  curve.bias(),
                  fit.queries(),
                  fit.error(),
                  fit.models()));
        });
    DecisionFit decision = calibration.decision();
    if (!decision.equals(DecisionFit.NONE)) {
      data.put(
          DECISION,
          join(
              decision.temperature(),
              decision.bias(),
              decision.cases(),
              decision.error(),
              decision.models()));
    }
    return data;
  }

  public static IndexCalibration read(Map<String, String> data) {
    Map<QueryKind, MatchFit> match = new EnumMap<>(QueryKind.class);
    for (QueryKind kind : QueryKind.values()) {
      String[] values = data.getOrDefault(key(kind), "").split(" ", 7);
      try {
        if (values.length == 7) {
          match.put(
              kind,
              new MatchFit(
                  new MatchCurve(
                      Double.parseDouble(values[0]),
                      Double.parseDouble(values[1]),
                      Double.parseDouble(values[2]),
                      Double.parseDouble(values[3])),
                  Integer.parseInt(values[4]),
                  Double.parseDouble(values[5]),
                  values[6]));
        }
      } catch (IllegalArgumentException e) {
        match.remove(kind);
      }
    }
    return new IndexCalibration(match, decision(data.getOrDefault(DECISION, "").split(" ", 5)));
  }

  private static DecisionFit decision(String[] values) {
    try {
      return values.length < 5
          ? DecisionFit.NONE
          : new DecisionFit(
              Double.parseDouble(values[0]),
              Double.parseDouble(values[1]),
              Integer.parseInt(values[2]),
              Double.parseDouble(values[3]),
              values[4]);
    } catch (IllegalArgumentException e) {
      return DecisionFit.NONE;
    }
  }

  private static String key(QueryKind kind) {
    return MATCH + kind.name().toLowerCase(Locale.ROOT);
  }

  private static String join(Object... values) {
    StringBuilder text = new StringBuilder();
    for (Object value : values) {
      text.append(text.isEmpty() ? "" : " ").append(value);
    }
    return text.toString();
  }
}
