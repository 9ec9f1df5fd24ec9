import io.github.jbellis.jvector.disk.ReaderSupplier;
import io.github.jbellis.jvector.disk.ReaderSupplierFactory;
import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ImmutableGraphIndex;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.disk.OnDiskGraphIndex;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JVector for `gill bench search`: as peers.py, with the same arguments (but the peer's name), files
/// and answer. The graph lies on the disk with its full vectors, memory-mapped.
public final class JVectorPeer {
  private static final VectorTypeSupport VECTORS =
      VectorizationProvider.getInstance().getVectorTypeSupport();
  private static final VectorSimilarityFunction LIKENESS = VectorSimilarityFunction.DOT_PRODUCT;

  private final Path data;
  private final Path file;
  private final JsonNode settings;
  private final int rows;
  private final int dimension;
  private final int k;
  private final double[] shares;

  private JVectorPeer(Path data, Path index, JsonNode settings) throws IOException {
    this.data = data;
    this.file = index.resolve("index");
    this.settings = settings;
    JsonNode about = JsonMapper.shared().readTree(data.resolve("data.json").toFile());
    this.rows = about.get("rows").asInt();
    this.dimension = about.get("dimension").asInt();
    this.k = about.get("k").asInt();
    this.shares = about.get("shares").valueStream().mapToDouble(JsonNode::asDouble).toArray();
  }

  public static void main(String[] arguments) throws Exception {
    Path index = Files.createDirectories(Path.of(arguments[2]));
    JVectorPeer peer =
        new JVectorPeer(
            Path.of(arguments[1]), index, JsonMapper.shared().readTree(arguments[3]));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("version", "JVector 4.0.0-rc.8");
    if (arguments[0].equals("build")) {
      long begin = System.nanoTime();
      peer.build();
      answer.put("build_seconds", (System.nanoTime() - begin) / 1e9);
    } else {
      peer.search(answer);
    }
    System.out.println(JsonMapper.shared().writeValueAsString(answer));
  }

  private List<VectorFloat<?>> vectors(String name, int count) throws IOException {
    List<VectorFloat<?>> vectors = new ArrayList<>(count);
    try (FileChannel channel = FileChannel.open(data.resolve(name))) {
      ByteBuffer row = ByteBuffer.allocate(4 * dimension).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        row.clear();
        while (row.hasRemaining() && channel.read(row) >= 0) {}
        float[] values = new float[dimension];
        row.flip().asFloatBuffer().get(values);
        vectors.add(VECTORS.createFloatVector(values));
      }
    }
    return vectors;
  }

  private void build() throws IOException {
    var values = new ListRandomAccessVectorValues(vectors("base.f32", rows), dimension);
    ForkJoinPool threads = new ForkJoinPool(settings.get("threads").asInt());
    try (GraphIndexBuilder builder =
        new GraphIndexBuilder(
            BuildScoreProvider.randomAccessScoreProvider(values, LIKENESS),
            dimension,
            2 * settings.get("connections").asInt(),
            settings.get("breadth").asInt(),
            1.2f,
            1.2f,
            true,
            false,
            threads,
            threads)) {
      ImmutableGraphIndex graph = builder.build(values);
      Files.deleteIfExists(file);
      OnDiskGraphIndex.write(graph, values, file);
    } finally {
      threads.shutdown();
    }
  }

  private void search(Map<String, Object> answer) throws Exception {
    List<VectorFloat<?>> queries =
        vectors("queries.f32", (int) (Files.size(data.resolve("queries.f32")) / 4 / dimension));
    ByteBuffer truth = read("truth.i32");
    ByteBuffer buckets = read("buckets.u16");
    long begin = System.nanoTime();
    try (ReaderSupplier reader = ReaderSupplierFactory.open(file);
        OnDiskGraphIndex index = OnDiskGraphIndex.load(reader)) {
      new Searches(index, 10, Bits.ALL).find(queries.getFirst());
      answer.put("start_seconds", (System.nanoTime() - begin) / 1e9);
      answer.put("resident_start", resident("VmRSS"));
      List<Map<String, Object>> points = new ArrayList<>();
      answer.put("points", points);
      int chosen = 0;
      for (JsonNode effort : settings.get("efforts")) {
        Map<String, Object> point =
            measure(index, effort.asInt(), Bits.ALL, queries, truth.slice(0, truth.limit() / shares.length).order(ByteOrder.LITTLE_ENDIAN));
        point.put("share", 1);
        points.add(point);
        double reached = points.size() == 1 ? 0 : (double) points.get(points.size() - 2).get("recall");
        chosen = reached >= settings.get("wanted").asDouble() ? chosen : effort.asInt();
      }
      answer.put("resident", resident("VmRSS"));
      answer.put("resident_anonymous", resident("RssAnon"));
      for (int i = 1; i < shares.length; i++) {
        int below = (int) Math.round(1000 * shares[i]);
        Bits passing = row -> Short.toUnsignedInt(buckets.getShort(2 * row)) < below;
        int size = truth.limit() / shares.length;
        Map<String, Object> point =
            measure(index, chosen, passing, queries, truth.slice(i * size, size).order(ByteOrder.LITTLE_ENDIAN));
        point.put("share", shares[i]);
        points.add(point);
      }
    }
  }

  private ByteBuffer read(String name) throws IOException {
    try (FileChannel channel = FileChannel.open(data.resolve(name))) {
      return channel.map(MapMode.READ_ONLY, 0, channel.size()).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static long resident(String key) throws IOException {
    return 1024
        * Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith(key))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum();
  }

  /// One thread's searches.
  private final class Searches {
    private final GraphSearcher searcher;
    private final ImmutableGraphIndex.ScoringView view;
    private final int effort;
    private final Bits passing;

    Searches(OnDiskGraphIndex index, int effort, Bits passing) {
      this.searcher = new GraphSearcher(index);
      this.view = (ImmutableGraphIndex.ScoringView) searcher.getView();
      this.effort = effort;
      this.passing = passing;
    }

    int[] find(VectorFloat<?> query) {
      var scores = new DefaultSearchScoreProvider(view.rerankerFor(query, LIKENESS));
      SearchResult found = searcher.search(scores, k, Math.max(effort, k), 0f, 0f, passing);
      return Arrays.stream(found.getNodes()).mapToInt(node -> node.node).toArray();
    }
  }

  private Map<String, Object> measure(
      OnDiskGraphIndex index,
      int effort,
      Bits passing,
      List<VectorFloat<?>> queries,
      ByteBuffer truth)
      throws Exception {
    Searches one = new Searches(index, effort, passing);
    double limit = settings.get("seconds").asDouble();
    int count = 20;
    double each = 0;
    // The first passes are the compiler's.
    for (long begin = System.nanoTime(); System.nanoTime() - begin < 1e9 * Math.min(limit, 3); ) {
      long start = System.nanoTime();
      queries.subList(0, 20).forEach(one::find);
      each = (System.nanoTime() - start) / 20e9;
    }
    count = (int) Math.clamp(limit / each, 20, queries.size());
    double[] times = new double[count];
    int right = 0;
    long begin = System.nanoTime();
    int[][] found = new int[count][];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      found[i] = one.find(queries.get(i));
      times[i] = (System.nanoTime() - start) / 1e6;
    }
    double alone = count / ((System.nanoTime() - begin) / 1e9);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < k; j++) {
        int wanted = truth.getInt(4 * (i * k + j));
        right += Arrays.stream(found[i]).anyMatch(row -> row == wanted) ? 1 : 0;
      }
    }
    double together =
        rateOfTwo(count, () -> {
          Searches mine = new Searches(index, effort, passing);
          return i -> mine.find(queries.get(i));
        });
    Arrays.sort(times);
    Map<String, Object> point = new LinkedHashMap<>();
    point.put("effort", settings.get("effort_name").asString() + "=" + effort);
    point.put("queries", count);
    point.put("recall", right / (double) (count * k));
    point.put("qps1", alone);
    point.put("qps2", together);
    point.put("p50", times[count / 2]);
    point.put("p99", times[(int) (0.99 * (count - 1))]);
    return point;
  }

  private static double rateOfTwo(
      int count, java.util.function.Supplier<IntFunction<int[]>> searches) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      AtomicInteger next = new AtomicInteger();
      long begin = System.nanoTime();
      List<Future<?>> both = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        both.add(threads.submit(() -> {
          IntFunction<int[]> mine = searches.get();
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            mine.apply(i);
          }
        }));
      }
      for (Future<?> each : both) {
        each.get();
      }
      return count / ((System.nanoTime() - begin) / 1e9);
    }
  }
}
