package gill.web.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.UnitVector;
import gill.engine.retrieval.VectorFormat;
import gill.web.bench.PeerResult.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ComparisonTest {
  @TempDir Path temporary;

  private static PeerResult result(String peer, String note) {
    return new PeerResult(
        peer,
        "Library 1.0",
        "{}",
        1000,
        12.4,
        5_000_000,
        0.125,
        60_000_000,
        70_000_000,
        50_000_000,
        List.of(
            new Point("ef=16", 1, 1000, 0.9123, 2000, 3900, 0.5, 1),
            new Point("ef=16", 0.01, 1000, 1, 1000, 1900, 0.9, 2.5)),
        note.isEmpty() ? List.of() : List.of(note));
  }

  @Test
  void report_hasALineForEachBuildEffortAndFilter() {
    assertEquals(
        """
        | peer | library | build | index on disk | start | resident: started / searched (of it anonymous) |
        |---|---|---|---|---|---|
        | one | Library 1.0 | 12 s | 5 MB | 0.13 s | 60 MB / 70 MB (50 MB) |
        | two | Library 1.0 | 12 s | 5 MB | 0.13 s | 60 MB / 70 MB (50 MB) |

        | peer | effort | recall@10 | QPS, 1 thread | QPS, 2 threads | p50 | p99 |
        |---|---|---|---|---|---|---|
        | one | ef=16 | 0.912 | 2000 | 3900 | 0.50 ms | 1.00 ms |
        | two | ef=16 | 0.912 | 2000 | 3900 | 0.50 ms | 1.00 ms |

        | peer | passing | recall@10 | QPS, 1 thread | QPS, 2 threads | p50 | p99 | p99 to unfiltered |
        |---|---|---|---|---|---|---|---|
        | one, ef=16 | 1.00 % | 1.000 | 1000 | 1900 | 0.90 ms | 2.50 ms | 2.5 |
        | two, ef=16 | 1.00 % | 1.000 | 1000 | 1900 | 0.90 ms | 2.50 ms | 2.5 |

        * two, filter of 0.1%: none
        """,
        Report.markdown(List.of(result("one", ""), result("two", "filter of 0.1%: none"))));
  }

  @Test
  void peer_names_areListedWhereOneIsUnknown() {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> Peer.of("annoy")).getMessage());
    assertTrue(
        message.contains("'annoy'; there are [lucene-f32, lucene-int7, lucene-int4, lucene-bit1"),
        message);
    for (String id : Peer.ids()) {
      assertEquals(id, Peer.of(id).id());
    }
    assertEquals(VectorFormat.BIT1, Peer.LUCENE_BIT1.format());
  }

  @Test
  void ownPeer_buildsAndAnswersEachEffortAndFilter() throws Exception {
    Random random = new Random(3);
    List<float[]> corpus = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      float[] values = new float[32];
      for (int j = 0; j < values.length; j++) {
        values[j] = (float) random.nextGaussian();
      }
      corpus.add(UnitVector.normalise(values).toArray());
    }
    DataSet data = DataSet.make(temporary.resolve("data"), 2000, 30, corpus, 4);
    JsonNode settings =
        JsonMapper.shared()
            .valueToTree(
                Map.of(
                    "threads",
                    2,
                    "connections",
                    8,
                    "breadth",
                    40,
                    "efforts",
                    List.of(List.of(16, 1), List.of(64, 4))));
    OwnPeer own = new OwnPeer(data, temporary.resolve("index"), settings);
    own.build(Peer.LUCENE_INT4, _ -> {});
    JsonNode answer = JsonMapper.shared().valueToTree(own.search(_ -> {}));
    List<Point> points =
        answer
            .get("points")
            .valueStream()
            .map(point -> JsonMapper.shared().treeToValue(point, Point.class))
            .toList();
    assertEquals(
        List.of(1.0, 1.0, 0.5, 0.1, 0.01, 0.001), points.stream().map(Point::share).toList());
    assertEquals("ef=64 oversample=4", points.get(1).effort());
    assertTrue(points.get(1).recall() > 0.9, points.toString());
    assertTrue(points.stream().allMatch(point -> point.recall() > 0.5), points.toString());
    assertTrue(points.stream().allMatch(it -> it.qps1() > 0 && it.p99() >= it.p50()));
    assertTrue(answer.get("start_seconds").asDouble() > 0);
  }
}
