package gill.engine.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.decision.DecisionEvidence.Found;
import gill.engine.flow.Decision;
import gill.engine.flow.Decision.Choice;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageMode;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.IndexCalibration.DecisionFit;
import gill.engine.flow.Matrix;
import gill.engine.flow.Turn;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest.GillSpec;
import gill.engine.testing.TinyBundle;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeciderTest {
  private static final DecisionEvidence EVIDENCE =
      new DecisionEvidence(
          new Found(0.41, 0.12, 5, 2, 0.8), new Found(0.3, 0.1, 4, 1, 0.6), 1, 0.5, words(0));

  /// Half of the request's words describe the image.
  private static WordEvidence words(double colourUnmet) {
    return new WordEvidence(1, 1, 0, 0.5, 0.5, 3, 1, 1, 2, colourUnmet, 0, 0, 0, 0, 0, 0, 0.8, 0.2);
  }

  private static final Hits HITS = DecisionEvidenceTest.ranked(0.41, 0.01, 12, "a");

  private Bundle bundle;

  @BeforeAll
  void open(@TempDir Path folder) {
    bundle = Bundle.open(TinyBundle.copyTo(folder));
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  private ImgSpan span(int seed) {
    int rows = bundle.manifest().gill().numImgTokens();
    int columns = bundle.manifest().languageModel().hiddenSize();
    Random random = new Random(seed);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new ImgSpan(3, Matrix.of(rows, columns, values));
  }

  private Decider decider(double threshold, double band) {
    GillSpec spec = bundle.manifest().gill();
    return new Decider(
        bundle.model("gill/decision.onnx"),
        new GillSpec(
            spec.numImgTokens(),
            spec.numVisualTokens(),
            spec.retrievalDim(),
            spec.conditioningLength(),
            spec.conditioningDim(),
            spec.decisionFeatures(),
            spec.imgTokenBias(),
            spec.imagesAfterSentence(),
            threshold,
            band));
  }

  @Test
  void decide_headOverThreshold_retrieves() {
    Decision decision =
        decider(0, 0)
            .decide(
                span(1), HITS, EVIDENCE, DecisionFit.NONE, ImageMode.AUTO, Turn.USUAL_THRESHOLD);
    assertEquals(Choice.RETRIEVE, decision.choice());
    assertFalse(decision.forced());
    assertTrue(decision.pRetrieve() > 0 && decision.pRetrieve() < 1);
    assertTrue(
        decision.reason().startsWith("the best corpus image fits the request: P(retrieve) "),
        decision::reason);
    assertTrue(
        decision
            .reason()
            .endsWith("50% of the request's words name it; the text search finds the same image"),
        decision::reason);
  }

  @Test
  void decide_colourThatTheImageLacks_isGivenAsReason() {
    DecisionEvidence blue = new DecisionEvidence(EVIDENCE.img(), EVIDENCE.text(), 1, 0.5, words(1));
    String reason =
        decider(1, 0)
            .decide(span(1), HITS, blue, DecisionFit.NONE, ImageMode.AUTO, Turn.USUAL_THRESHOLD)
            .reason();
    assertTrue(reason.contains("name it, but it is not of the colour asked for;"), reason);
  }

  @Test
  void decide_headUnderThreshold_generates() {
    Decision decision =
        decider(1, 0)
            .decide(
                span(1), HITS, EVIDENCE, DecisionFit.NONE, ImageMode.AUTO, Turn.USUAL_THRESHOLD);
    assertEquals(Choice.GENERATE, decision.choice());
    assertFalse(decision.forced());
  }

  @Test
  void decide_headWithinTheBand_isEither() {
    double p =
        decider(0, 0)
            .decide(span(1), HITS, EVIDENCE, DecisionFit.NONE, ImageMode.AUTO, Turn.USUAL_THRESHOLD)
            .pRetrieve();
    assertEquals(Choice.EITHER, choice(p + 0.04, 0.05));
    assertEquals(Choice.EITHER, choice(p - 0.04, 0.05));
    assertEquals(Choice.GENERATE, choice(p + 0.06, 0.05));
    assertEquals(Choice.RETRIEVE, choice(p - 0.06, 0.05));
  }

  private Choice choice(double threshold, double band) {
    return decider(threshold, band)
        .decide(span(1), HITS, EVIDENCE, DecisionFit.NONE, ImageMode.AUTO, Turn.USUAL_THRESHOLD)
        .choice();
  }

  @Test
  void decide_thresholdOfTheCaller_overrulesTheBundlesAndItsBand() {
    Decider band = decider(0.5, 0.5);
    double p = choose(band, Turn.USUAL_THRESHOLD).pRetrieve();
    assertEquals(Choice.EITHER, choose(band, Turn.USUAL_THRESHOLD).choice());
    assertEquals(Choice.RETRIEVE, choose(band, p - 0.01).choice());
    assertEquals(Choice.GENERATE, choose(band, p + 0.01).choice());
    assertEquals(Choice.GENERATE, choose(band, 1).choice());
    assertFalse(choose(band, 1).forced());
    assertTrue(choose(band, 1).reason().contains("against a threshold of 1.00"));
  }

  private Decision choose(Decider decider, double wanted) {
    return decider.decide(span(1), HITS, EVIDENCE, DecisionFit.NONE, ImageMode.AUTO, wanted);
  }

  @Test
  void decide_emptyCorpus_generates() {
    Decision decision =
        decider(0, 0)
            .decide(
                span(1),
                Hits.NONE,
                EVIDENCE,
                DecisionFit.NONE,
                ImageMode.AUTO,
                Turn.USUAL_THRESHOLD);
    assertEquals(Choice.GENERATE, decision.choice());
    assertEquals(0, decision.pRetrieve());
    assertTrue(decision.reason().contains("no image left that may be shown"));
  }

  @Test
  void decide_forcedModes_overruleTheHeadAndSaySo() {
    Decider never = decider(1, 0);
    Decider always = decider(0, 0);
    for (int seed = 0; seed < 20; seed++) {
      Decision retrieve =
          never.decide(
              span(seed),
              HITS,
              EVIDENCE,
              DecisionFit.NONE,
              ImageMode.RETRIEVE,
              Turn.USUAL_THRESHOLD);
      Decision generate =
          always.decide(
              span(seed),
              HITS,
              EVIDENCE,
              DecisionFit.NONE,
              ImageMode.GENERATE,
              Turn.USUAL_THRESHOLD);
      assertEquals(Choice.RETRIEVE, retrieve.choice());
      assertEquals(Choice.GENERATE, generate.choice());
      assertTrue(retrieve.forced() && generate.forced());
      assertEquals(generate.pRetrieve(), retrieve.pRetrieve());
    }
  }

  @Test
  void decide_retrieveFromAnEmptyCorpus_isNone() {
    Decision decision =
        decider(0, 0)
            .decide(
                span(1),
                Hits.NONE,
                EVIDENCE,
                DecisionFit.NONE,
                ImageMode.RETRIEVE,
                Turn.USUAL_THRESHOLD);
    assertEquals(Choice.NONE, decision.choice());
    assertTrue(decision.forced());
  }

  @Test
  void decide_textOnly_isNone() {
    Decision decision =
        decider(0, 0)
            .decide(
                span(1), HITS, EVIDENCE, DecisionFit.NONE, ImageMode.NONE, Turn.USUAL_THRESHOLD);
    assertEquals(new Decision(Choice.NONE, 0, true, "text only was asked for"), decision);
  }

  @Test
  void decide_indexesOwnFit_correctsTheHeadBeforeTheBandIsLookedAt() {
    double p = decider(0, 0).probability(span(1), EVIDENCE);
    DecisionFit surer = new DecisionFit(1, 3, 50, 0.02, "");
    Decision decision =
        decider(surer.apply(p), 0.01)
            .decide(span(1), HITS, EVIDENCE, surer, ImageMode.AUTO, Turn.USUAL_THRESHOLD);
    assertEquals(surer.apply(p), decision.pRetrieve(), 1e-12);
    assertTrue(decision.pRetrieve() > p);
    assertEquals(Choice.EITHER, decision.choice());
  }
}
