package gill.engine.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.decision.DecisionEvidence.Found;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.MatchCurve;
import gill.engine.flow.MatchScale;
import gill.engine.runtime.BundleManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionEvidenceTest {
  static ImageRecord image(String id, String caption, List<String> keywords, String german) {
    return new ImageRecord(
        new ImageId(id),
        caption,
        keywords,
        german.isEmpty() ? Map.of() : Map.of("de", german),
        "set",
        "",
        "CC0-1.0",
        "flat",
        "food",
        List.of(),
        id + ".png",
        "",
        64,
        64,
        Map.of());
  }

  static Hit hit(String id, double score) {
    return new Hit(image(id, id, List.of(), ""), score, score);
  }

  static Hits ranked(double first, double step, int count, String prefix) {
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      hits.add(hit(prefix + i, first - step * i));
    }
    return new Hits(hits);
  }

  /// A query whose cosines with the sample have mean 0.1 and standard deviation 0.05.
  private static final MatchScale SCALE = new MatchScale(MatchCurve.DEFAULT, true, 0.1, 0.05);

  private static DecisionEvidence of(String request, Hits img, Hits text) {
    return DecisionEvidence.of(request, img, SCALE, text, SCALE, WordEvidence.NONE);
  }

  @Test
  void of_fullLists_takesBestAndTenth() {
    DecisionEvidence evidence = of("x", ranked(0.8, 0.02, 20, "a"), ranked(0.5, 0.01, 20, "b"));
    assertEquals(0.8, evidence.img().score(), 1e-12);
    assertEquals(0.18, evidence.img().margin(), 1e-12);
    assertEquals(0.5, evidence.text().score(), 1e-12);
    assertEquals(0.09, evidence.text().margin(), 1e-12);
    assertEquals(0, evidence.scoreAgreement());
    assertEquals(14, evidence.img().z(), 1e-9);
    assertEquals(3.6, evidence.img().zMargin(), 1e-9);
    assertEquals(0.5, evidence.text().pMatch(), 1e-9);
  }

  @Test
  void of_fewerThanTen_takesTheLast() {
    DecisionEvidence evidence = of("x", ranked(0.8, 0.1, 3, "a"), Hits.NONE);
    assertEquals(0.2, evidence.img().margin(), 1e-12);
    assertEquals(0, of("x", ranked(1, 1, 1, "a"), Hits.NONE).img().margin());
  }

  @Test
  void of_emptyCorpus_isAllZero() {
    assertEquals(
        new DecisionEvidence(Found.NOTHING, Found.NOTHING, 0, 0, WordEvidence.NONE),
        of("a red fox", Hits.NONE, Hits.NONE));
  }

  @Test
  void scoreAgreement_sameBestHit_isOne() {
    Hits one = ranked(0.9, 0.1, 4, "a");
    Hits other = new Hits(List.of(hit("a0", 0.3), hit("z", 0.2)));
    assertEquals(1, of("x", one, other).scoreAgreement());
  }

  @Test
  void scoreAgreement_otherBestHit_isTheSharedTenth() {
    Hits one = ranked(0.9, 0.01, 15, "a");
    List<Hit> second = new ArrayList<>(List.of(hit("z", 0.8)));
    for (int i = 7; i < 15; i++) { // a7, a8, a9 are among the first ten of both, a10… are not
      second.add(hit("a" + i, 0.7 - 0.01 * i));
    }
    assertEquals(0.3, of("x", one, new Hits(second)).scoreAgreement(), 1e-12);
  }

  @Test
  void feature_everyKnownName_isAnswered() {
    DecisionEvidence evidence =
        new DecisionEvidence(
            new Found(1, 2, 3, 4, 5),
            new Found(6, 7, 8, 9, 10),
            11,
            12,
            new WordEvidence(
                13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30));
    Set<Double> values = new java.util.HashSet<>();
    for (String name : BundleManifest.KNOWN_DECISION_FEATURES) {
      values.add(evidence.feature(name));
    }
    assertEquals(BundleManifest.KNOWN_DECISION_FEATURES.size(), values.size());
    assertEquals(13, evidence.feature("name_said"));
    assertEquals(30, evidence.feature("shown_margin"));
    assertEquals(3, evidence.feature("img_z"));
    assertEquals(10, evidence.feature("text_p_match"));
    assertThrows(IllegalArgumentException.class, () -> evidence.feature("mood"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Show me a red apple, please!    | 1.0
          two red apples                  | 0.6666666666666666
          a BLUE apple                    | 0.5
          ein roter Apfel                 | 0.3333333333333333
          can you draw a picture of it?   | 1.0
          fruit salad                     | 0.5
          quantum                         | 0.0
          boxes                           | 1.0
          """)
  void captionOverlap_request_isItsShareOfContentWords(String request, double share) {
    ImageRecord apple = image("a", "red apple", List.of("fruit", "box"), "Apfel");
    assertEquals(share, DecisionEvidence.overlap(request, apple), 1e-12);
  }

  @Test
  void captionOverlap_anyWords_liesBetweenZeroAndOneAndGrowsWithTheCaption() {
    Random random = new Random(17);
    String[] words = "cat dogs red tree boxes apples sea star wolf moon ice".split(" ");
    for (int round = 0; round < 500; round++) {
      String request = some(random, words);
      String caption = some(random, words);
      String more = caption + " " + some(random, words);
      double less = DecisionEvidence.overlap(request, image("a", caption, List.of(), ""));
      double greater = DecisionEvidence.overlap(request, image("a", more, List.of(), ""));
      assertTrue(0 <= less && less <= greater && greater <= 1);
      assertEquals(1, DecisionEvidence.overlap(request, image("a", request, List.of(), "")));
    }
  }

  private static String some(Random random, String[] words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i <= random.nextInt(4); i++) {
      text.append(words[random.nextInt(words.length)]).append(' ');
    }
    return text.toString().strip();
  }
}
