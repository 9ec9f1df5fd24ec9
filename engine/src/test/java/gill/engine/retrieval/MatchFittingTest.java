package gill.engine.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.CalibrationReport.MatchRow;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.IndexCalibration.DecisionFit;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatchFittingTest {
  /// Where texts and images of a thing lie, more or less.
  private static float[] place(String caption) {
    return SampleRows.vector(new Random(caption.hashCode()), SampleRows.CLIP).toArray();
  }

  private static UnitVector near(String caption, long seed, double noise) {
    float[] vector = place(caption);
    Random random = new Random(seed);
    for (int i = 0; i < vector.length; i++) {
      vector[i] += (float) (noise * random.nextGaussian());
    }
    return UnitVector.normalise(vector);
  }

  private static String caption(int thing) {
    return "thing" + thing;
  }

  /// Three images of each thing.
  private static List<IndexedImage> rows(int things, double noise) {
    List<IndexedImage> rows = new ArrayList<>();
    for (int i = 0; i < 3 * things; i++) {
      String caption = caption(i % things);
      rows.add(
          new IndexedImage(
              SampleRows.image("m/%04d".formatted(i), caption, List.of("sample")),
              near(caption, i, noise),
              SampleRows.vector(new Random(i), SampleRows.GILL)));
    }
    return rows;
  }

  private static Function<String, UnitVector> text(double noise) {
    return caption -> near(caption, caption.hashCode() * 31L, noise);
  }

  private static MatchFitting fitting(SearchBackend backend) {
    return new MatchFitting(backend, 120).fitClip(text(0.12), "");
  }

  @Test
  void hash_isTheOneOfThePythonReference() {
    assertEquals(0xefd01f60ba992926L, MatchSample.hash(""));
    assertEquals(0x7cf64420bbf708f1L, MatchSample.hash("noto/red-apple"));
  }

  @Test
  void fitClip_onAnIndexOfItsOwn_tellsWhatIsThereFromWhatIsNot() {
    List<IndexedImage> rows = rows(150, 0.12);
    MatchFitting fitting = fitting(ExactBackend.of(SampleRows.HEADER, rows));
    for (MatchRow row : fitting.rows()) {
      assertEquals("", row.fault(), () -> row.kind() + " was not fitted");
      assertTrue(row.after().error() < 0.12, () -> row.kind() + ": " + row.after());
    }
    IndexCalibration fitted = fitting.over(IndexCalibration.NONE);
    SearchBackend backend = ExactBackend.of(SampleRows.HEADER, rows, fitted);
    double present = 0;
    double absent = 0;
    for (int i = 0; i < 30; i++) {
      present += best(backend, text(0.12).apply(caption(i)));
      absent += best(backend, text(0.12).apply("no such thing " + i));
    }
    assertTrue(present / 30 > 0.7, "present: " + present / 30);
    assertTrue(absent / 30 < 0.3, "absent: " + absent / 30);
  }

  private static double best(SearchBackend backend, UnitVector query) {
    Hit hit =
        backend
            .search(new RetrievalQuery(QueryKind.TEXT, query, 1, Set.of()))
            .bestFirst()
            .getFirst();
    assertEquals(hit.pMatch(), backend.scale(QueryKind.TEXT, query).pMatch(hit.score()));
    return hit.pMatch();
  }

  @Test
  void fitClip_ofAnotherIndex_isAnotherFit() {
    IndexCalibration clear =
        fitting(ExactBackend.of(SampleRows.HEADER, rows(150, 0.1))).over(IndexCalibration.NONE);
    IndexCalibration blurred =
        fitting(ExactBackend.of(SampleRows.HEADER, rows(150, 0.5))).over(IndexCalibration.NONE);
    assertNotEquals(clear.match(QueryKind.TEXT), blurred.match(QueryKind.TEXT));
  }

  @Test
  void fitClip_whereNothingCanBeLearnt_saysSoAndLeavesTheBundlesCurve() {
    UnitVector same = near("x", 1, 0);
    List<IndexedImage> equal = new ArrayList<>();
    List<IndexedImage> silent = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      UnitVector gill = SampleRows.vector(new Random(5), SampleRows.GILL);
      equal.add(new IndexedImage(SampleRows.image("e/" + i, "x", List.of()), same, gill));
      silent.add(
          new IndexedImage(SampleRows.image("s/" + i, " ", List.of()), near("y", i, 1), gill));
    }
    for (List<IndexedImage> rows :
        List.of(List.<IndexedImage>of(), equal.subList(0, 1), equal, silent)) {
      SearchBackend backend = ExactBackend.of(SampleRows.HEADER, rows);
      MatchFitting fitting = fitting(backend);
      assertTrue(fitting.rows().stream().noneMatch(row -> row.fault().isEmpty()));
      assertTrue(fitting.rows().getFirst().fault().contains("are needed"));
      assertEquals(IndexCalibration.NONE, fitting.over(IndexCalibration.NONE));
      for (Hit hit :
          backend.search(new RetrievalQuery(QueryKind.TEXT, same, 5, Set.of())).bestFirst()) {
        assertTrue(hit.pMatch() >= 0 && hit.pMatch() <= 1);
      }
      assertFalse(Double.isNaN(backend.scale(QueryKind.IMAGE, same).z(0.5)));
    }
  }

  @Test
  void fit_isKeptByLaterCommitsUpdatesAndDeletes_andByASnapshot(@TempDir Path folder) {
    Path index = folder.resolve("index");
    List<IndexedImage> rows = rows(60, 0.12);
    try (ImageIndexWriter writer = ImageIndexWriter.replace(index, SampleRows.HEADER)) {
      rows.forEach(writer::add);
      writer.commit();
    }
    IndexCalibration fitted;
    try (LuceneBackend backend = LuceneBackend.open(index, SampleRows.BUNDLE)) {
      assertEquals(IndexCalibration.NONE, backend.calibration());
      fitted = fitting(backend).over(IndexCalibration.NONE);
      fitted =
          new IndexCalibration(fitted.match(), new DecisionFit(1.5, -0.2, 40, 0.04, "head one"));
      try (ImageIndexWriter writer = ImageIndexWriter.update(index, SampleRows.BUNDLE)) {
        writer.calibrate(fitted);
        writer.save();
      }
      assertTrue(backend.refresh());
      assertEquals(fitted, backend.calibration());
      assertTrue(backend.scale(QueryKind.TEXT, near("x", 1, 0)).calibrated());
    }
    try (LiveIndex live = LiveIndex.open(index, SampleRows.BUNDLE)) {
      live.add(List.of(SampleRows.row("new", near("x", 2, 0.1))));
      live.remove(
          List.of(new ImageSelector(ImageSelector.Kind.ID, rows.getFirst().image().id().value())));
      assertEquals(fitted, live.searches().calibration());
      live.commit();
    }
    try (ImageIndexWriter writer = ImageIndexWriter.update(index)) {
      writer.removeAllBut(Set.of(new ImageId("new"), rows.get(1).image().id()));
      writer.commit();
    }
    assertEquals(fitted, stored(index, Relevance.UNKNOWN));
    IndexSnapshot.take(index, folder.resolve("copy"));
    IndexSnapshot.restore(folder.resolve("copy"), folder.resolve("restored"));
    assertEquals(fitted, stored(folder.resolve("restored"), Relevance.UNKNOWN));
  }

  private static IndexCalibration stored(Path index, Relevance bundle) {
    try (LuceneBackend backend = LuceneBackend.open(index, SampleRows.BUNDLE, bundle);
        ExactBackend exact = ExactBackend.open(index, SampleRows.BUNDLE, bundle)) {
      assertEquals(backend.calibration(), exact.calibration());
      return backend.calibration();
    }
  }

  @Test
  void fit_underOtherModels_doesNotHold(@TempDir Path index) {
    List<IndexedImage> rows = rows(60, 0.12);
    IndexCalibration fitted =
        new MatchFitting(ExactBackend.of(SampleRows.HEADER, rows), 120)
            .fitClip(text(0.12), "tower one")
            .over(new IndexCalibration(Map.of(), new DecisionFit(2, 0, 9, 0, "head one")));
    try (ImageIndexWriter writer = ImageIndexWriter.replace(index, SampleRows.HEADER)) {
      rows.forEach(writer::add);
      writer.calibrate(fitted);
      writer.commit();
    }
    Relevance one = new Relevance(Map.of(), Map.of(QueryKind.TEXT, "tower one"), "head one");
    Relevance two = new Relevance(Map.of(), Map.of(QueryKind.TEXT, "tower two"), "head two");
    assertEquals(fitted, stored(index, one));
    IndexCalibration left = stored(index, two);
    assertTrue(left.match(QueryKind.TEXT).isEmpty());
    assertTrue(left.match(QueryKind.IMAGE).isPresent());
    assertEquals(DecisionFit.NONE, left.decision());
  }
}
