package gill.web.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.UnitVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorsTest {
  private static final List<float[]> CORPUS = corpus(1);

  @TempDir Path temporary;

  private static List<float[]> corpus(long seed) {
    Random random = new Random(seed);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      float[] values = new float[24];
      for (int j = 0; j < values.length; j++) {
        values[j] = (float) random.nextGaussian();
      }
      vectors.add(UnitVector.normalise(values).toArray());
    }
    return vectors;
  }

  @Test
  void vectors_ofOneSeed_areTheSameInAnyOrder() {
    Vectors one = new Vectors(CORPUS, 5);
    Vectors other = new Vectors(CORPUS, 5);
    float[] late = one.row(Vectors.EMBEDDED + 3);
    for (int row : new int[] {7, 60, Vectors.EMBEDDED + 3}) {
      assertArrayEquals(other.row(row), one.row(row));
      assertEquals(1, norm(one.row(row)), 1e-5);
      assertEquals(other.bucket(row), one.bucket(row));
    }
    assertArrayEquals(late, one.row(Vectors.EMBEDDED + 3));
    assertArrayEquals(other.query(9, 1000), one.query(9, 1000));
    assertArrayEquals(CORPUS.get(7), one.row(7));
  }

  @Test
  void vectors_ofOtherRowsAndSeeds_differ() {
    Set<String> all = new HashSet<>();
    Vectors one = new Vectors(CORPUS, 5);
    for (int i = 0; i < 100; i++) {
      all.add(Arrays.toString(one.row(50 + i)));
      all.add(Arrays.toString(one.row(Vectors.EMBEDDED + i)));
      all.add(Arrays.toString(one.query(i, 1000)));
      all.add(Arrays.toString(new Vectors(CORPUS, 6).row(50 + i)));
    }
    assertEquals(400, all.size());
    assertThrows(IllegalArgumentException.class, () -> new Vectors(CORPUS.subList(0, 1), 5));
  }

  private static double norm(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  @Test
  void dataSet_holdsTheNearestOfEachShare() throws IOException {
    DataSet data = DataSet.make(temporary, 3000, 5, CORPUS, 5);
    int tenth = 0;
    for (int row = 0; row < data.size(); row++) {
      tenth += data.labels(row).contains(DataSet.label(0.1)) ? 1 : 0;
    }
    assertTrue(tenth > 240 && tenth < 360, "a tenth of 3000 is " + tenth);
    for (double share : DataSet.SHARES) {
      int[][] truth = data.truth(share);
      for (int query = 0; query < 5; query++) {
        assertArrayEquals(nearest(data, query, share), truth[query], share + ", " + query);
      }
    }
  }

  private static int[] nearest(DataSet data, int query, double share) {
    float[] wanted = data.queries().get(query);
    int[] rows =
        IntStream.range(0, data.size())
            .filter(row -> share == 1 || data.labels(row).contains(DataSet.label(share)))
            .boxed()
            .sorted(Comparator.comparingDouble(row -> -dot(wanted, data.vector(row))))
            .limit(DataSet.K)
            .mapToInt(Integer::intValue)
            .toArray();
    int[] padded = new int[DataSet.K];
    Arrays.fill(padded, -1);
    System.arraycopy(rows, 0, padded, 0, rows.length);
    return padded;
  }

  private static double dot(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }

  @Test
  void dataSet_isMadeOnce_andAgainForAnotherCorpus() throws IOException {
    DataSet.make(temporary, 2000, 5, CORPUS, 5);
    Path base = temporary.resolve("base.f32");
    byte[] first = Files.readAllBytes(base);
    FileTime longAgo = FileTime.fromMillis(0);
    Files.setLastModifiedTime(base, longAgo);
    DataSet.make(temporary, 2000, 5, CORPUS, 5);
    assertEquals(longAgo, Files.getLastModifiedTime(base));
    DataSet.make(temporary, 2000, 5, corpus(2), 5);
    assertTrue(Arrays.mismatch(first, Files.readAllBytes(base)) >= 0);
  }
}
