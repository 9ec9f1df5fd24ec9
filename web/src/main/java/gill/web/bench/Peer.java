package gill.web.bench;

import gill.engine.retrieval.VectorFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What is compared. Graphs have the same size everywhere (16 neighbours, 32 on the lowest level,
/// 100 candidates an insertion).
public enum Peer {
  LUCENE_F32(Runner.HERE),
  LUCENE_INT7(Runner.HERE),
  LUCENE_INT4(Runner.HERE),
  LUCENE_BIT1(Runner.HERE),
  HNSWLIB(Runner.PYTHON),
  FAISS_HNSW(Runner.PYTHON),
  FAISS_IVFPQ(Runner.PYTHON),
  USEARCH(Runner.PYTHON),
  JVECTOR(Runner.JVECTOR);

  /// What program measures it.
  enum Runner {
    HERE,
    PYTHON,
    JVECTOR
  }

  static final int CONNECTIONS = 16;
  static final int BREADTH = 100;
  static final double WANTED = 0.95;
  private static final List<Integer> EFS = List.of(16, 32, 64, 128, 256, 512);

  private final Runner runner;

  Peer(Runner runner) {
    this.runner = runner;
  }

  Runner runner() {
    return runner;
  }

  /// Whether it is this program's.
  public boolean isOwn() {
    return runner == Runner.HERE;
  }

  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Throws [IllegalArgumentException] listing the peers.
  public static Peer of(String id) {
    return Arrays.stream(values())
        .filter(peer -> peer.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("no peer is called '" + id + "'; there are " + ids()));
  }

  public static List<String> ids() {
    return Arrays.stream(values()).map(Peer::id).toList();
  }

  /// The vector format of a peer that is this program's own.
  VectorFormat format() {
    return VectorFormat.of(id().substring(id().indexOf('-') + 1));
  }

  /// How it builds and what it is asked, for so many rows.
  ///
  /// @param seconds at most this long a measurement
  Map<String, Object> settings(int rows, double seconds) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("threads", 2);
    settings.put("seconds", seconds);
    settings.put("wanted", WANTED);
    if (this == FAISS_IVFPQ) {
      // Powers of two near 4 sqrt(rows); 64 codes are 4 dimensions and 1 byte each.
      settings.put("lists", Integer.highestOneBit((int) (4.2 * Math.sqrt(rows))));
      settings.put("codes", 64);
      settings.put("effort_name", "nprobe");
      settings.put("efforts", List.of(4, 16, 64, 256));
      return settings;
    }
    settings.put("connections", CONNECTIONS);
    settings.put("breadth", BREADTH);
    settings.put("effort_name", "ef");
    settings.put("efforts", EFS);
    if (this == USEARCH) {
      settings.put("type", "f32");
    }
    if (runner == Runner.HERE) {
      settings.put("efforts", efforts());
    }
    return settings;
  }

  /// Pairs of `ef` and `oversample`: short vectors lose what comparing more of the candidates at
  /// full precision gives back.
  private List<List<Integer>> efforts() {
    List<List<Integer>> pairs = new ArrayList<>();
    for (int ef : EFS) {
      pairs.add(List.of(ef, Math.clamp(ef / DataSet.K, 1, format().oversample())));
      if (format() == VectorFormat.BIT1 && ef / DataSet.K > format().oversample()) {
        pairs.add(List.of(ef, ef / DataSet.K));
      }
    }
    return pairs;
  }
}
