package gill.engine.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Effort;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VectorFormatTest {
  private static final int DIMENSION = 128;
  private static final List<float[]> BASE = clustered(2000, 1);
  private static final List<float[]> QUERIES = clustered(100, 2);
  private static final Effort USUAL_OF_TEN = new Effort(100, 0);

  @TempDir Path temporary;

  private static List<float[]> clustered(int count, long seed) {
    Random random = new Random(seed);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] values = SampleRows.vector(new Random(1000 + i % 50), DIMENSION).toArray();
      for (int j = 0; j < DIMENSION; j++) {
        values[j] += (float) (0.06 * random.nextGaussian());
      }
      vectors.add(UnitVector.normalise(values).toArray());
    }
    return vectors;
  }

  private record Rows(List<float[]> vectors) implements VectorIndex.Rows {
    @Override
    public int size() {
      return vectors.size();
    }

    @Override
    public float[] vector(int row) {
      return vectors.get(row);
    }

    @Override
    public List<String> labels(int row) {
      return row % 10 == 0 ? List.of("tenth") : List.of();
    }
  }

  private VectorIndex index(VectorFormat format) {
    Path folder = temporary.resolve(format.id());
    if (!Files.exists(folder)) {
      VectorIndex.build(folder, new Rows(BASE), VectorIndex.Plan.usual(format), _ -> {});
    }
    return VectorIndex.open(folder);
  }

  private static Set<Integer> exact(float[] query, int step) {
    return new HashSet<>(
        Stream.iterate(0, row -> row < BASE.size(), row -> row + step)
            .sorted((one, other) -> Double.compare(dot(query, other), dot(query, one)))
            .limit(10)
            .toList());
  }

  private static double dot(float[] query, int row) {
    double sum = 0;
    for (int i = 0; i < DIMENSION; i++) {
      sum += (double) query[i] * BASE.get(row)[i];
    }
    return sum;
  }

  private static double recall(VectorIndex index, Effort effort, boolean tenth) {
    int found = 0;
    for (float[] query : QUERIES) {
      Set<Integer> truth = exact(query, tenth ? 10 : 1);
      VectorIndex.Answer answer =
          tenth ? index.search(query, 10, effort, "tenth") : index.search(query, 10, effort);
      assertEquals(10, answer.rows().size());
      found += (int) answer.rows().stream().filter(truth::contains).count();
    }
    return found / (10.0 * QUERIES.size());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void everyFormat_roundTripsAndFindsTheNearest(VectorFormat format) {
    try (VectorIndex index = index(format)) {
      assertEquals(format, index.format());
      assertEquals(BASE.size(), index.size());
      double recall = recall(index, USUAL_OF_TEN, false);
      assertTrue(recall >= 0.97, format + " finds " + recall);
      double filtered = recall(index, USUAL_OF_TEN, true);
      assertTrue(filtered >= 0.97, format + " finds " + filtered + " behind a filter");
    }
  }

  @Test
  void shortVectors_takeTheMemoryThatTheirNameSays() throws Exception {
    long values = (long) BASE.size() * DIMENSION;
    for (VectorFormat format : List.of(VectorFormat.INT7, VectorFormat.INT4, VectorFormat.BIT1)) {
      index(format).close();
      long bits =
          switch (format) {
            case INT7 -> 8;
            case INT4 -> 4;
            case BIT1 -> 1;
            case AUTO, F32 -> 32;
          };
      // And 16 bytes of corrections a vector.
      long wanted = values * bits / 8 + BASE.size() * 16L;
      long found = bytes(temporary.resolve(format.id()), ".veq");
      assertTrue(Math.abs(found - wanted) < 2000, format + ": " + found + " of " + wanted);
      assertTrue(bytes(temporary.resolve(format.id()), ".vec") >= 4 * values);
    }
  }

  private static long bytes(Path folder, String ending) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void search_moreEffort_comparesMore(VectorFormat format) {
    try (VectorIndex index = index(format)) {
      float[] query = QUERIES.getFirst();
      long[] byEf =
          Stream.of(10, 20, 40, 80)
              .mapToLong(ef -> index.search(query, 10, new Effort(ef, 1)).visited())
              .toArray();
      long[] byOversample =
          Stream.of(1, 2, 4, 8)
              .mapToLong(each -> index.search(query, 10, new Effort(10, each)).visited())
              .toArray();
      for (long[] visited : List.of(byEf, byOversample)) {
        assertTrue(
            Arrays.equals(visited, Arrays.stream(visited).sorted().distinct().toArray()),
            Arrays.toString(visited));
      }
      assertTrue(byEf[0] < BASE.size() / 4, Arrays.toString(byEf));
    }
  }

  @Test
  void effort_oversample_givesBackWhatOneBitLost() {
    try (VectorIndex index = index(VectorFormat.BIT1)) {
      double one = recall(index, new Effort(200, 1), false);
      double twenty = recall(index, new Effort(200, 20), false);
      assertTrue(twenty > one + 0.1, one + " and " + twenty);
    }
  }

  @Test
  void effort_outOfRange_isRefused() {
    assertEquals(
        "ef must be in [1, 10000], got 10001",
        assertThrows(IllegalArgumentException.class, () -> new Effort(10_001, 0)).getMessage());
    assertEquals(
        "oversample must be in [1, 100], got -1",
        assertThrows(IllegalArgumentException.class, () -> new Effort(0, -1)).getMessage());
  }

  @Test
  void of_unknownName_listsTheFormats() {
    assertEquals(
        "no vector format is called 'int8'; there are [auto, f32, int7, int4, bit1]",
        assertThrows(IllegalArgumentException.class, () -> VectorFormat.of("int8")).getMessage());
    for (String id : VectorFormat.ids()) {
      assertEquals(id, VectorFormat.of(id).id());
    }
  }

  @Test
  void forImages_auto_goesByTheirNumber() {
    assertEquals(VectorFormat.F32, VectorFormat.AUTO.forImages(8_766));
    assertEquals(VectorFormat.INT4, VectorFormat.AUTO.forImages(1_000_000));
    assertEquals(VectorFormat.BIT1, VectorFormat.BIT1.forImages(1));
  }

  @Test
  void header_namesTheFormat_andAnUpdateKeepsIt() throws Exception {
    Path folder = temporary.resolve("images");
    IndexHeader header =
        new IndexHeader(
            SampleRows.BUNDLE, SampleRows.CLIP, SampleRows.GILL, temporary, VectorFormat.INT4);
    List<IndexedImage> rows = SampleRows.rows(1500, 3);
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, header)) {
      rows.forEach(writer::add);
      writer.commit();
    }
    assertEquals(VectorFormat.INT4, LuceneBackend.readHeader(folder).vectorFormat());
    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(folder))) {
      assertEquals(1, reader.leaves().size());
    }
    try (LiveIndex live = LiveIndex.open(folder, SampleRows.BUNDLE)) {
      live.add(SampleRows.rows(10, 4).stream().map(VectorFormatTest::renamed).toList());
      assertEquals(VectorFormat.INT4, live.searches().header().vectorFormat());
    }
    assertEquals(VectorFormat.INT4, LuceneBackend.readHeader(folder).vectorFormat());
    try (LuceneBackend backend = LuceneBackend.open(folder, SampleRows.BUNDLE)) {
      Hit best =
          backend
              .search(new RetrievalQuery(VectorField.CLIP, rows.get(77).clip(), 5, Set.of()))
              .bestFirst()
              .getFirst();
      assertEquals(rows.get(77).image().id(), best.id());
      assertEquals(1.0, best.score(), 1e-6);
      assertFalse(backend.find(new ImageId("late/s/00003")).isEmpty());
    }
  }

  private static IndexedImage renamed(IndexedImage row) {
    return SampleRows.row("late/" + row.image().id().value(), row.clip());
  }

  @Test
  void header_unchosenFormat_isRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new IndexHeader(SampleRows.BUNDLE, 1, 1, temporary, VectorFormat.AUTO));
  }
}
