package gill.web.bench;

import gill.engine.retrieval.ExactNeighbours;
import gill.engine.retrieval.VectorIndex;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import tools.jackson.databind.json.JsonMapper;

/// The work of one comparison, as files that every peer reads, all little-endian: `base.f32
/// [rows][dimension]`, `queries.f32 [queries][dimension]`, `buckets.u16 [rows]`, the exact nearest
/// `truth.i32 [shares][queries][k]`, and `data.json`, which says how many. Safe for use by many
/// threads.
public final class DataSet implements VectorIndex.Rows {
  /// Of the rows, these shares pass a filter; the first is no filter.
  static final List<Double> SHARES = List.of(1.0, 0.5, 0.1, 0.01, 0.001);

  static final int K = 10;
  private static final String ABOUT = "data.json";
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// @param corpus a fingerprint of the embeddings that the vectors begin with
  record About(
      int rows, int dimension, int queries, int k, List<Double> shares, long seed, String corpus) {}

  private final Path folder;
  private final About about;
  private final MemorySegment base;
  private final FloatBuffer queries;
  private final ShortBuffer buckets;
  private final IntBuffer truth;

  private DataSet(Path folder, About about) throws IOException {
    this.folder = folder;
    this.about = about;
    this.base = mapped("base.f32");
    this.queries = buffer("queries.f32").asFloatBuffer();
    this.buckets = buffer("buckets.u16").asShortBuffer();
    this.truth = buffer("truth.i32").asIntBuffer();
  }

  /// A segment, as two million vectors of 256 values are the most that a buffer takes.
  private MemorySegment mapped(String name) throws IOException {
    try (FileChannel file = FileChannel.open(folder.resolve(name))) {
      return file.map(MapMode.READ_ONLY, 0, file.size(), Arena.ofAuto());
    }
  }

  private ByteBuffer buffer(String name) throws IOException {
    return mapped(name).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  public static DataSet open(Path folder) {
    try {
      return new DataSet(folder, about(folder));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the vectors of " + folder, e);
    }
  }

  private static About about(Path folder) {
    return JsonMapper.shared().readValue(folder.resolve(ABOUT).toFile(), About.class);
  }

  /// Makes the files, unless they are there, of the same seed, size and corpus.
  ///
  /// @param corpus embeddings that the vectors begin with
  public static DataSet make(Path folder, int rows, int queries, List<float[]> corpus, long seed)
      throws IOException {
    Vectors vectors = new Vectors(corpus, seed);
    About wanted =
        new About(
            rows,
            vectors.dimension(),
            queries,
            K,
            SHARES,
            seed,
            Integer.toHexString(Arrays.deepHashCode(corpus.toArray())));
    if (Files.exists(folder.resolve(ABOUT)) && about(folder).equals(wanted)) {
      return open(folder);
    }
    Files.createDirectories(folder);
    Files.deleteIfExists(folder.resolve(ABOUT));
    write(
        folder.resolve("base.f32"),
        rows,
        4 * vectors.dimension(),
        (row, out) -> out.asFloatBuffer().put(vectors.row(row)));
    write(
        folder.resolve("queries.f32"),
        queries,
        4 * vectors.dimension(),
        (query, out) -> out.asFloatBuffer().put(vectors.query(query, rows)));
    write(
        folder.resolve("buckets.u16"),
        rows,
        2,
        (row, out) -> out.putShort((short) vectors.bucket(row)));
    Files.write(folder.resolve("truth.i32"), new byte[0]);
    int[][][] nearest = new DataSet(folder, wanted).exact();
    write(
        folder.resolve("truth.i32"),
        SHARES.size() * queries,
        4 * K,
        (line, out) -> out.asIntBuffer().put(nearest[line / queries][line % queries]));
    Files.writeString(folder.resolve(ABOUT), JsonMapper.shared().writeValueAsString(wanted));
    return open(folder);
  }

  @FunctionalInterface
  private interface Line {
    void put(int number, ByteBuffer out);
  }

  private static void write(Path file, int count, int bytes, Line line) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      for (int i = 0; i < count; i++) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        line.put(i, buffer);
        out.write(buffer.array());
      }
    }
  }

  private int[][][] exact() {
    List<IntPredicate> filters = new ArrayList<>();
    for (double share : SHARES) {
      filters.add(row -> passes(row, share));
    }
    return ExactNeighbours.of(this, queries(), K, filters);
  }

  private boolean passes(int row, double share) {
    return Short.toUnsignedInt(buckets.get(row)) < Math.round(1000 * share);
  }

  /// What a row is labelled with if it passes the filter of a share.
  static String label(double share) {
    return "share-" + share;
  }

  Path folder() {
    return folder;
  }

  About about() {
    return about;
  }

  @Override
  public int size() {
    return about.rows();
  }

  @Override
  public float[] vector(int row) {
    float[] values = new float[about.dimension()];
    MemorySegment.copy(
        base, FLOAT, (long) row * Float.BYTES * values.length, values, 0, values.length);
    return values;
  }

  @Override
  public List<String> labels(int row) {
    return SHARES.stream()
        .filter(share -> share < 1 && passes(row, share))
        .map(DataSet::label)
        .toList();
  }

  List<float[]> queries() {
    List<float[]> all = new ArrayList<>();
    for (int i = 0; i < about.queries(); i++) {
      float[] values = new float[about.dimension()];
      queries.get(i * values.length, values);
      all.add(values);
    }
    return all;
  }

  /// The exact nearest, best first: `[queries][k]`.
  int[][] truth(double share) {
    int[][] nearest = new int[about.queries()][K];
    for (int i = 0; i < nearest.length; i++) {
      truth.get((SHARES.indexOf(share) * nearest.length + i) * K, nearest[i]);
    }
    return nearest;
  }
}
