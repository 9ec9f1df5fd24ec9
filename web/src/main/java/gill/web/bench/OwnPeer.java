package gill.web.bench;

import gill.engine.flow.Effort;
import gill.engine.retrieval.VectorIndex;
import gill.web.bench.PeerResult.Point;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import tools.jackson.databind.JsonNode;

/// This program's own search core, measured as peers.py measures the others.
public final class OwnPeer {
  private static final int WARM_UP = 20_000;
  private static final double WARM_UP_SECONDS = 10;

  /// A measurement goes through the queries until it has taken as long.
  private static final double LEAST_SECONDS = 0.5;

  private final DataSet data;
  private final Path folder;
  private final JsonNode settings;

  public OwnPeer(DataSet data, Path folder, JsonNode settings) {
    this.data = data;
    this.folder = folder;
    this.settings = settings;
  }

  public Map<String, Object> build(Peer peer, IntConsumer progress) {
    long begin = System.nanoTime();
    VectorIndex.build(
        folder,
        data,
        new VectorIndex.Plan(
            peer.format(),
            settings.get("connections").asInt(),
            settings.get("breadth").asInt(),
            settings.get("threads").asInt()),
        progress);
    return Map.of("version", "Lucene 10.6.0", "build_seconds", seconds(begin));
  }

  public Map<String, Object> search(IntConsumer progress) {
    List<float[]> queries = data.queries();
    List<Effort> efforts = new ArrayList<>();
    for (JsonNode pair : settings.get("efforts")) {
      efforts.add(new Effort(pair.get(0).asInt(), pair.get(1).asInt()));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("version", "Lucene 10.6.0");
    long begin = System.nanoTime();
    try (VectorIndex index = VectorIndex.open(folder)) {
      index.search(queries.getFirst(), DataSet.K, efforts.getFirst());
      answer.put("start_seconds", seconds(begin));
      answer.put("resident_start", resident("VmRSS"));
      warmUp(index, queries, efforts);
      List<Point> points = new ArrayList<>();
      for (Effort effort : efforts) {
        points.add(measure(index, queries, effort, 1));
        progress.accept(points.size());
      }
      answer.put("resident", resident("VmRSS"));
      answer.put("resident_anonymous", resident("RssAnon"));
      Effort chosen = efforts.getLast();
      for (int i = efforts.size() - 1; i >= 0; i--) {
        chosen = points.get(i).recall() >= Peer.WANTED ? efforts.get(i) : chosen;
      }
      for (double share : DataSet.SHARES.subList(1, DataSet.SHARES.size())) {
        warmUp(index, queries, chosen, share, 2 * DataSet.SHARES.size());
        points.add(measure(index, queries, chosen, share));
        progress.accept(points.size());
      }
      answer.put("points", points);
    }
    return answer;
  }

  /// The first searches are the compiler's.
  private static void warmUp(VectorIndex index, List<float[]> queries, List<Effort> efforts) {
    for (Effort effort : efforts) {
      warmUp(index, queries, effort, 1, efforts.size());
    }
  }

  /// @param parts of the whole warm-up that this is one of
  private static void warmUp(
      VectorIndex index, List<float[]> queries, Effort effort, double share, int parts) {
    long begin = System.nanoTime();
    for (int i = 0; i < WARM_UP / parts && seconds(begin) < WARM_UP_SECONDS / parts; i++) {
      search(index, queries.get(i % queries.size()), effort, share);
    }
  }

  private static List<Integer> search(
      VectorIndex index, float[] query, Effort effort, double share) {
    VectorIndex.Answer answer =
        share == 1
            ? index.search(query, DataSet.K, effort)
            : index.search(query, DataSet.K, effort, DataSet.label(share));
    return answer.rows();
  }

  private Point measure(VectorIndex index, List<float[]> queries, Effort effort, double share) {
    List<List<Integer>> found = new ArrayList<>();
    double[] times = new double[queries.size()];
    long begin = System.nanoTime();
    int asked = 0;
    while (asked < times.length || seconds(begin) < LEAST_SECONDS) {
      long start = System.nanoTime();
      List<Integer> rows = search(index, queries.get(asked % times.length), effort, share);
      if (asked < times.length) {
        found.add(rows);
      }
      times[asked % times.length] = 1e3 * seconds(start);
      asked++;
    }
    double alone = asked / seconds(begin);
    double together = twoThreads(index, queries, effort, share);
    int[][] truth = data.truth(share);
    int right = 0;
    int wanted = 0;
    for (int i = 0; i < truth.length; i++) {
      for (int row : truth[i]) {
        wanted += row >= 0 ? 1 : 0;
        right += found.get(i).contains(row) ? 1 : 0;
      }
    }
    Arrays.sort(times);
    return new Point(
        "ef=" + effort.ef() + " oversample=" + effort.oversample(),
        share,
        times.length,
        right / (double) wanted,
        alone,
        together,
        times[times.length / 2],
        times[(int) (0.99 * (times.length - 1))]);
  }

  /// Answers a second.
  private static double twoThreads(
      VectorIndex index, List<float[]> queries, Effort effort, double share) {
    AtomicInteger next = new AtomicInteger();
    long begin = System.nanoTime();
    Runnable searches =
        () -> {
          for (int i = next.getAndIncrement();
              i < queries.size() || seconds(begin) < LEAST_SECONDS;
              i = next.getAndIncrement()) {
            search(index, queries.get(i % queries.size()), effort, share);
          }
        };
    Thread other = Thread.ofPlatform().start(searches);
    searches.run();
    try {
      other.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the measurement was broken off", e);
    }
    return next.get() / seconds(begin);
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  /// A line of the process's status, in bytes; 0 where the system has none.
  static long resident(String key) {
    try {
      return Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.UTF_8).stream()
          .filter(line -> line.startsWith(key + ":"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException _) {
      return 0;
    }
  }
}
