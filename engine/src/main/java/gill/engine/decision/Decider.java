package gill.engine.decision;

import gill.engine.flow.Decision;
import gill.engine.flow.Decision.Choice;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageMode;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.IndexCalibration.DecisionFit;
import gill.engine.flow.Turn;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest.GillSpec;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.OnnxModel;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Chooses between the corpus and the image generator (paper §3.4): a learned head reads the hidden
/// state at [IMG0] and the evidence of both searches; the caller's image mode overrules it.
///
/// Safe for use by many threads. Closes nothing: the model belongs to the bundle.
public final class Decider {
  private final OnnxModel head;
  private final List<String> features;
  private final double threshold;
  private final double eitherBand;

  public Decider(Bundle bundle) {
    this(bundle.model("gill/decision.onnx"), bundle.manifest().gill());
  }

  Decider(OnnxModel head, GillSpec spec) {
    this.head = head;
    this.features = spec.decisionFeatures();
    this.threshold = spec.decisionThreshold();
    this.eitherBand = spec.decisionEitherBand();
  }

  /// Decides for an image the language model asks for.
  ///
  /// @param hits the corpus images that may be shown, best first; none left means that only
  ///   generating is possible
  /// @param fit the index's own correction of the head's probability
  /// @param wanted the caller's threshold, or [Turn#USUAL_THRESHOLD]
  public Decision decide(
      ImgSpan span,
      Hits hits,
      DecisionEvidence evidence,
      DecisionFit fit,
      ImageMode mode,
      double wanted) {
    if (mode == ImageMode.NONE) {
      return new Decision(Choice.NONE, 0, true, "text only was asked for");
    }
    double probability = hits.isEmpty() ? 0 : fit.apply(probability(span, evidence));
    return switch (mode) {
      case AUTO -> weigh(probability, hits, evidence, cut(wanted));
      case RETRIEVE ->
          hits.isEmpty()
              ? new Decision(
                  Choice.NONE,
                  0,
                  true,
                  "a corpus image was asked for, and the corpus has none left to show")
              : new Decision(Choice.RETRIEVE, probability, true, "a corpus image was asked for");
      case GENERATE ->
          new Decision(Choice.GENERATE, probability, true, "a generated image was asked for");
      case NONE -> throw new AssertionError("handled above");
    };
  }

  /// Where the corpus begins: who says a threshold wants no band around it.
  private record Cut(double threshold, double band) {
    Choice choice(double probability) {
      if (Math.abs(probability - threshold) < band) {
        return Choice.EITHER;
      }
      return probability >= threshold ? Choice.RETRIEVE : Choice.GENERATE;
    }
  }

  private Cut cut(double wanted) {
    return wanted == Turn.USUAL_THRESHOLD ? new Cut(threshold, eitherBand) : new Cut(wanted, 0);
  }

  private static Decision weigh(double probability, Hits hits, DecisionEvidence evidence, Cut cut) {
    if (hits.isEmpty()) {
      return new Decision(
          Choice.GENERATE,
          0,
          false,
          "the corpus has no image left that may be shown, so one is generated");
    }
    return new Decision(
        cut.choice(probability), probability, false, reason(probability, evidence, cut));
  }

  /// The head's own P(retrieve), in [0, 1].
  public double probability(ImgSpan span, DecisionEvidence evidence) {
    float[] hidden = span.hidden().row(0);
    float[] values = new float[features.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) evidence.feature(features.get(i));
    }
    FloatTensor answer =
        head.run(
            Map.of(
                "hidden_state", FloatTensor.of(hidden, 1, hidden.length),
                "features", FloatTensor.of(values, 1, values.length)),
            "p_retrieve");
    return Math.clamp(answer.data()[0], 0.0, 1.0);
  }

  private static String reason(double probability, DecisionEvidence evidence, Cut cut) {
    String verdict =
        switch (cut.choice(probability)) {
          case RETRIEVE -> "the best corpus image fits the request";
          case GENERATE -> "no corpus image fits the request well enough";
          case EITHER -> "the best corpus image may fit, a generated one may fit as well";
          case NONE -> throw new AssertionError("not chosen by the head");
        };
    String unmet = evidence.words().unmet();
    return String.format(
        Locale.ROOT,
        "%s: P(retrieve) %.2f against a threshold of %.2f; p_match %.2f of the best image for the"
            + " conversation (cosine %.2f, %.2f ahead of the tenth), %.2f for the words alone;"
            + " %.0f%% of the request's words name it%s; the text search %s",
        verdict,
        probability,
        cut.threshold(),
        evidence.img().pMatch(),
        evidence.img().score(),
        evidence.img().margin(),
        evidence.text().pMatch(),
        100 * evidence.words().overlap(),
        unmet.isEmpty() ? "" : ", but " + unmet,
        agreement(evidence.scoreAgreement()));
  }

  private static String agreement(double share) {
    if (share == 1) {
      return "finds the same image";
    }
    return share > 0
        ? String.format(Locale.ROOT, "shares %.0f%% of the candidates", 100 * share)
        : "finds other images";
  }
}
