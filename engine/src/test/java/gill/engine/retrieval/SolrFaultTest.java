package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.BUNDLE;
import static gill.engine.retrieval.SampleRows.CLIP;
import static gill.engine.retrieval.SampleRows.HEADER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.CorpusUnavailableException;
import gill.engine.flow.ImageId;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.solr.SolrBackend;
import gill.engine.retrieval.solr.SolrPlace;
import gill.engine.retrieval.solr.SolrShape;
import gill.engine.retrieval.solr.SolrWriter;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A SolrCloud of two nodes whose servers are killed while it is read and written. Each test leaves
/// it whole. They print how long each recovery took.
@Tag("cluster")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SolrFaultTest {
  private static final Duration ELECTION = Duration.ofSeconds(120);
  private static final Duration RECOVERY = Duration.ofSeconds(180);
  private static final Duration RETURN = Duration.ofSeconds(240);
  private static final Duration LASTING = Duration.ofSeconds(5);
  private static final SolrShape SHAPE = new SolrShape(2, 2);

  private final SolrCluster cluster = SolrCluster.start(2);

  @AfterAll
  void stop() {
    cluster.close();
  }

  /// More patient than usual: these machines may be slow.
  private SolrPlace place(String collection) {
    return new SolrPlace(
        cluster.urls(), collection, Duration.ofSeconds(60), Duration.ofSeconds(180));
  }

  private List<SolrReplica> replicas(int asked, String collection) {
    return SolrReplica.of(cluster, asked, collection);
  }

  private boolean isWhole(String collection) {
    return Stream.of(0, 1)
        .allMatch(asked -> {
          List<SolrReplica> all = replicas(asked, collection);
          return all.size() == 4
              && all.stream().allMatch(SolrReplica::active)
              && all.stream().filter(SolrReplica::leader).count() == 2;
        });
  }

  @Test
  void leaderKilled_underReadsAndWrites_losesNothingAcknowledged_andComesBack() {
    String collection = "killed";
    SolrPlace place = place(collection);
    List<IndexedImage> base = SearchRows.rows(1000, 91);
    Set<String> expected =
        base.stream()
            .map(it -> it.image().id().value())
            .collect(Collectors.toCollection(HashSet::new));
    try (SolrWriter writer = SolrWriter.create(place, SHAPE, HEADER)) {
      writer.add(base);
      writer.commit();
      int killed = leader(0, collection, "shard1").orElseThrow().node();
      int other = 1 - killed;
      long acknowledged;
      Duration election;
      try (SearchBackend backend = SolrBackend.open(place, BUNDLE);
          SolrTraffic traffic = SolrTraffic.start(backend, writer, base)) {
        SolrCluster.await(
            ELECTION, "traffic", () -> traffic.batches() >= 10 && traffic.answers() >= 10);
        acknowledged = traffic.acknowledged().size();
        cluster.killNode(killed);
        election =
            SolrCluster.await(
                ELECTION,
                "the other node leads both shards",
                () ->
                    List.of("shard1", "shard2").stream()
                        .allMatch(shard ->
                            leader(other, collection, shard)
                                .filter(it -> it.active() && it.node() == other)
                                .isPresent()));
        long batches = traffic.batches();
        long answers = traffic.answers();
        SolrCluster.await(
            ELECTION,
            "writes and reads after the election",
            () -> traffic.batches() >= batches + 10 && traffic.answers() >= answers + 10);
        traffic.stop();
        System.out.printf(
            "leader killed: new leaders after %.1f s; reads %s; writes %s; images acknowledged"
                + " before the kill %d, in all %d%n",
            election.toMillis() / 1e3,
            traffic.readFigures(),
            traffic.writeFigures(),
            acknowledged,
            traffic.acknowledged().size());
        assertEquals(List.of(), traffic.faults());
        traffic.acknowledged().forEach(id -> expected.add(id.value()));
        writer.commit();
        assertEquals(
            traffic.acknowledged(),
            backend.vectors(VectorField.CLIP, traffic.acknowledged()).keySet());
      }
      long start = System.nanoTime();
      cluster.startNode(killed);
      SolrCluster.awaitLasting(
          RECOVERY, LASTING, "all replicas are active", () -> isWhole(collection));
      System.out.printf(
          "restart and recovery: %.1f s%n", (System.nanoTime() - start - LASTING.toNanos()) / 1e9);
      writer.commit();
      assertEquals(expected, ids(collection, killed), "of the node that was killed");
      assertEquals(expected, ids(collection, other), "of the node that went on");
    }
  }

  private Optional<SolrReplica> leader(int asked, String collection, String shard) {
    return replicas(asked, collection).stream()
        .filter(it -> it.shard().equals(shard) && it.leader())
        .findFirst();
  }

  /// What the node's own replicas hold.
  private Set<String> ids(String collection, int node) {
    Set<String> ids = new HashSet<>();
    replicas(node, collection).stream()
        .filter(it -> it.node() == node)
        .forEach(it -> ids.addAll(it.ids(cluster)));
    return ids;
  }

  @Test
  void zooKeeperLost_readsGoOn_writesAreRefused_andBothAreWellAfterItsReturn() {
    String collection = "alone";
    SolrPlace place =
        new SolrPlace(cluster.urls(), collection, Duration.ofSeconds(60), Duration.ofSeconds(60));
    SolrPlace hasty =
        new SolrPlace(cluster.urls(), collection, Duration.ofSeconds(60), Duration.ofSeconds(3));
    List<IndexedImage> base = SearchRows.rows(1000, 92);
    IndexedImage more = SampleRows.row("more", SampleRows.vector(new Random(93), CLIP));
    try (SolrWriter writer = SolrWriter.create(place, SHAPE, HEADER);
        SolrWriter refused = SolrWriter.update(hasty, BUNDLE);
        SearchBackend backend = SolrBackend.open(place, BUNDLE)) {
      writer.add(base);
      writer.commit();
      assertEquals(1000, backend.size());
      refused.add(List.of(base.getFirst()));
      cluster.killZooKeeper();
      long start = System.nanoTime();
      try (SolrTraffic reads = SolrTraffic.reading(backend, base)) {
        SolrCluster.await(
            ELECTION,
            "the nodes' sessions are over and reads go on",
            () ->
                System.nanoTime() - start > SolrCluster.SESSION.multipliedBy(2).toNanos()
                    && reads.answers() >= 50);
        CorpusUnavailableException away =
            assertThrows(CorpusUnavailableException.class, () -> refused.add(List.of(more)));
        assertTrue(
            String.valueOf(away.getMessage())
                .matches(".*(which ZooKeeper keeps|talk to ZooKeeper).*"),
            away.getMessage());
        reads.stop();
        System.out.printf(
            "ZooKeeper away %.1f s: reads %s; a write is refused: %s%n",
            (System.nanoTime() - start) / 1e9, reads.readFigures(), away.getMessage());
        assertEquals(List.of(), reads.faults());
      }
      long back = System.nanoTime();
      cluster.startZooKeeper();
      writer.add(List.of(more));
      double written = (System.nanoTime() - back) / 1e9;
      SolrCluster.awaitLasting(
          RETURN, LASTING, "all replicas are active", () -> isWhole(collection));
      double whole = (System.nanoTime() - back - LASTING.toNanos()) / 1e9;
      try (SolrTraffic traffic = SolrTraffic.reading(backend, base)) {
        SolrCluster.await(ELECTION, "reads", () -> traffic.answers() >= 50);
        traffic.stop();
        assertEquals(List.of(), traffic.faults());
      }
      assertEquals(1001, writer.commit());
      assertEquals(new ImageId("more"), backend.find(new ImageId("more")).orElseThrow().id());
      Set<String> all = ids(collection, 0);
      assertEquals(1001, all.size());
      assertEquals(all, ids(collection, 1));
      System.out.printf(
          "ZooKeeper back: first write after %.1f s, all replicas active after %.1f s; logs hold"
              + " %.1f MB%n",
          written, whole, cluster.logBytes() / 1e6);
      assertTrue(cluster.logBytes() < 32_000_000, "the nodes' logs are bounded");
    }
  }

  @Test
  void eachShardIsOnBothNodes() {
    try (SolrWriter writer = SolrWriter.create(place("spread"), SHAPE, HEADER)) {
      assertEquals(0, writer.commit());
    }
    SolrCluster.await(RECOVERY, "whole", () -> isWhole("spread"));
    TreeMap<String, Set<Integer>> nodes = new TreeMap<>();
    for (SolrReplica it : replicas(0, "spread")) {
      nodes.computeIfAbsent(it.shard(), _ -> new HashSet<>()).add(it.node());
    }
    assertEquals(Set.of("shard1", "shard2"), nodes.keySet());
    nodes.values().forEach(on -> assertEquals(Set.of(0, 1), on));
  }
}
