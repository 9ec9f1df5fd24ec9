package gill.web.bench;

import gill.engine.flow.UnitVector;
import java.util.List;
import java.util.SplittableRandom;

/// Vectors from a seed. Up to 100,000 are embeddings of a corpus and their augmentations: each
/// mixed with a little of another and jittered. Those beyond are synthetic: points around 5,000
/// centres of a 32-dimensional space that lies in the full one, with noise.
///
/// Row and query `i` are the same whenever they are asked for, whatever was asked before.
public final class Vectors {
  public static final int EMBEDDED = 100_000;
  private static final int CENTRES = 5_000;
  private static final int LATENT = 32;

  private final List<float[]> corpus;
  private final long seed;
  private final int dimension;
  private final float[][] lift;

  /// @param corpus at least two unit vectors of one dimension
  public Vectors(List<float[]> corpus, long seed) {
    if (corpus.size() < 2) {
      throw new IllegalArgumentException("the generator needs 2 embeddings to begin with");
    }
    this.corpus = List.copyOf(corpus);
    this.seed = seed;
    this.dimension = corpus.getFirst().length;
    this.lift = new float[LATENT][dimension];
    SplittableRandom random = random(0, 0);
    for (float[] axis : lift) {
      fill(axis, random);
    }
  }

  public int dimension() {
    return dimension;
  }

  public float[] row(int row) {
    if (row < corpus.size()) {
      return corpus.get(row);
    }
    SplittableRandom random = random(1, row);
    return row < EMBEDDED ? augmented(random) : synthetic(random);
  }

  /// Of an index of `rows` vectors: as many of each kind as there are rows of it.
  public float[] query(int query, int rows) {
    SplittableRandom random = random(2, query);
    return random.nextInt(rows) < EMBEDDED ? augmented(random) : synthetic(random);
  }

  /// A number in [0, 1000) for filters: those below 10 are one per cent of all.
  public int bucket(int row) {
    return random(3, row).nextInt(1000);
  }

  private float[] augmented(SplittableRandom random) {
    float[] one = corpus.get(random.nextInt(corpus.size()));
    float[] other = corpus.get(random.nextInt(corpus.size()));
    double share = random.nextDouble(0.4);
    double jitter = random.nextDouble(0.1, 0.5) / Math.sqrt(dimension);
    float[] values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) (one[i] + share * other[i] + jitter * random.nextGaussian());
    }
    return UnitVector.normalise(values).toArray();
  }

  private float[] synthetic(SplittableRandom random) {
    float[] centre = new float[LATENT];
    fill(centre, random(4, random.nextInt(CENTRES)));
    float[] values = new float[dimension];
    for (int i = 0; i < LATENT; i++) {
      double along = centre[i] + 0.6 * random.nextGaussian();
      for (int j = 0; j < dimension; j++) {
        values[j] += (float) (along * lift[i][j]);
      }
    }
    for (int j = 0; j < dimension; j++) {
      values[j] += (float) (0.3 * Math.sqrt(LATENT) * random.nextGaussian());
    }
    return UnitVector.normalise(values).toArray();
  }

  private static void fill(float[] values, SplittableRandom random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
  }

  private SplittableRandom random(int purpose, int number) {
    return new SplittableRandom(
        (seed * 31 + purpose) * 0x9E3779B97F4A7C15L + number * 0xD1342543DE82EF95L);
  }
}
