package gill.engine.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.dialogue.Fusion.Seen;
import gill.engine.dialogue.Fusion.Setting;
import gill.engine.flow.Hit;
import java.util.List;
import org.junit.jupiter.api.Test;

class FusionTest {
  private static final Setting SINGLE = new Setting(true, false, false, 2);
  private static final Setting FOLLOW_UP = new Setting(true, false, true, 2);

  /// Without what words say.
  private static Seen seen(String caption, double img, double text) {
    return seen(caption, img, text, 0, 0, 0);
  }

  private static Seen seen(
      String caption, double img, double text, double name, double words, double allWords) {
    return new Seen(
        RequestCoreTest.image(caption), img, 0.5, text, 0.5, 0, name, 0, words, allWords, 0);
  }

  private static List<String> order(Setting setting, Seen... images) {
    return Fusion.of(List.of(images), setting).bestFirst().stream()
        .map(hit -> hit.id().value())
        .toList();
  }

  @Test
  void of_bothFindIt_beatsWhatOneFindsAlone() {
    Seen cloud = seen("cloud", 0.45, 0.2);
    Seen umbrella = seen("umbrella", 0.40, 0.38);
    assertEquals(List.of("umbrella", "cloud"), order(SINGLE, cloud, umbrella));
    assertEquals(0.39, Fusion.of(List.of(umbrella), SINGLE).bestFirst().getFirst().score(), 1e-9);
  }

  @Test
  void of_afterEarlierTurns_theTextTowerCountsLess() {
    Seen read = seen("read", 0.3, 0.6);
    Seen asked = seen("asked", 0.5, 0.3);
    assertEquals(List.of("read", "asked"), order(SINGLE, asked, read));
    assertEquals(List.of("asked", "read"), order(FOLLOW_UP, asked, read));
  }

  @Test
  void of_nameInTheRequest_beatsASmallLeadAndRaisesItsMatch() {
    Seen near = seen("near", 0.5, 0.5);
    Seen named = seen("named", 0.45, 0.45, 1, 0, 0);
    List<Hit> hits = Fusion.of(List.of(near, named), SINGLE).bestFirst();
    assertEquals("named", hits.getFirst().id().value());
    assertTrue(hits.getFirst().pMatch() > hits.getLast().pMatch());
  }

  @Test
  void of_nameInALongDescription_countsLess() {
    Seen near = seen("near", 0.5, 0.5);
    Seen named = seen("named", 0.45, 0.45, 1, 0, 0);
    assertEquals(List.of("near", "named"), order(new Setting(true, false, false, 12), near, named));
  }

  @Test
  void of_wordsOfEarlierTurns_countAfterEarlierTurnsOnly() {
    Seen near = seen("near", 0.5, 0.5);
    Seen told = seen("told", 0.45, 0.45, 0, 0, 1);
    assertEquals(List.of("near", "told"), order(SINGLE, near, told));
    assertEquals(List.of("told", "near"), order(FOLLOW_UP, near, told));
  }

  @Test
  void of_theLookAskedFor_decidesAmongImagesOfOneName() {
    Seen first = looking("purple", 0.50, 1, 0);
    Seen asked = looking("red", 0.48, 1, 1);
    Seen another = looking("car", 0.48, 0, 1);
    assertEquals(List.of("red", "purple", "car"), order(SINGLE, first, asked, another));
  }

  @Test
  void of_theLookAskedFor_ofAnImageThatTheRequestDoesNotName_isNothing() {
    Seen meant = looking("hat", 0.50, 0, 0);
    Seen purple = looking("purple heart", 0.48, 0, 1);
    assertEquals(List.of("hat", "purple-heart"), order(FOLLOW_UP, meant, purple));
  }

  private static Seen looking(String caption, double cosine, double name, int looks) {
    return new Seen(
        RequestCoreTest.image(caption), cosine, 0.5, cosine, 0.5, 0, name, 0, 0, 0, looks);
  }

  @Test
  void of_pictures_countHalf() {
    Seen alike = new Seen(RequestCoreTest.image("alike"), 0.3, 0.5, 0, 0.5, 0.9, 0, 0, 0, 0, 0);
    Seen asked = new Seen(RequestCoreTest.image("asked"), 0.5, 0.5, 0, 0.5, 0.2, 0, 0, 0, 0, 0);
    assertEquals(
        List.of("alike", "asked"), order(new Setting(false, true, false, 0), asked, alike));
  }

  @Test
  void of_ties_areInOrderOfId() {
    assertEquals(List.of("a", "b"), order(SINGLE, seen("b", 0.5, 0.5), seen("a", 0.5, 0.5)));
  }
}
