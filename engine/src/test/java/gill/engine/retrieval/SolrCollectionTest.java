package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.BUNDLE;
import static gill.engine.retrieval.SampleRows.CLIP;
import static gill.engine.retrieval.SampleRows.HEADER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.CorpusUnavailableException;
import gill.engine.fault.IndexException;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.ImageSelector.Kind;
import gill.engine.retrieval.solr.SolrBackend;
import gill.engine.retrieval.solr.SolrPlace;
import gill.engine.retrieval.solr.SolrShape;
import gill.engine.retrieval.solr.SolrWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What an operator does with collections.
@Tag("cluster")
@ExtendWith(SharedSolr.class)
class SolrCollectionTest {
  private static final UnitVector VECTOR = SampleRows.vector(new Random(80), CLIP);
  private static final Duration SOON = Duration.ofSeconds(60);

  private final SolrCluster cluster;

  SolrCollectionTest(SolrCollectionPair pair) {
    cluster = pair.cluster();
  }

  private static List<IndexedImage> rows(String name, int count, long seed) {
    Random random = new Random(seed);
    List<IndexedImage> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(SampleRows.row("%s/%04d".formatted(name, i), SampleRows.vector(random, CLIP)));
    }
    return rows;
  }

  private SolrWriter created(String collection, IndexHeader header, List<IndexedImage> rows) {
    SolrWriter writer = SolrWriter.create(cluster.place(collection), new SolrShape(2, 1), header);
    writer.add(rows);
    assertEquals(rows.size(), writer.commit());
    return writer;
  }

  private static List<String> ids(SearchBackend backend, int limit) {
    return backend
        .search(new RetrievalQuery(VectorField.CLIP, VECTOR, limit, Set.of()))
        .bestFirst()
        .stream()
        .map(Hit::id)
        .map(ImageId::value)
        .toList();
  }

  @Test
  void alias_switchesUnderReaders_eachAnswerIsOfOneCollection_noneFails() throws Exception {
    try (SolrWriter blue = created("blue", HEADER, rows("blue", 100, 81));
        SolrWriter green = created("green", HEADER, rows("green", 120, 82))) {
      blue.alias("served");
      AtomicBoolean over = new AtomicBoolean();
      AtomicReference<String> latest = new AtomicReference<>("");
      try (SearchBackend served = SolrBackend.open(cluster.place("served"), BUNDLE);
          var threads = Executors.newFixedThreadPool(2)) {
        assertEquals(100, served.size());
        Callable<Integer> reader =
            () -> {
              int answers = 0;
              for (; !over.get(); answers++) {
                List<String> colours =
                    ids(served, 10).stream().map(id -> id.split("/")[0]).distinct().toList();
                assertEquals(1, colours.size(), colours.toString());
                latest.set(colours.getFirst());
              }
              return answers;
            };
        List<Future<Integer>> readers = List.of(threads.submit(reader), threads.submit(reader));
        try {
          SolrCluster.await(SOON, "blue answers", () -> latest.get().equals("blue"));
          green.alias("served");
          Duration seen =
              SolrCluster.await(SOON, "green answers", () -> latest.get().equals("green"));
          SolrCluster.await(SOON, "green is counted", () -> served.size() == 120);
          System.out.printf("alias switched: readers see it after %d ms%n", seen.toMillis());
        } finally {
          over.set(true);
        }
        for (Future<Integer> answers : readers) {
          assertTrue(answers.get() > 0);
        }
        assertTrue(ids(served, 10).stream().allMatch(id -> id.startsWith("green/")));
      }
    }
  }

  @Test
  void anotherBundlesCollection_isRefused_byNameAndBehindAnAlias() {
    BundleStamp other = new BundleStamp("other", "2.0.0", "e".repeat(64));
    IndexHeader strange = new IndexHeader(other, CLIP, SampleRows.GILL, HEADER.imageRoot());
    try (SolrWriter ours = created("ours", HEADER, rows("ours", 10, 83));
        SolrWriter theirs = created("theirs", strange, rows("theirs", 10, 84))) {
      IndexException refused =
          assertThrows(
              IndexException.class, () -> SolrBackend.open(cluster.place("theirs"), BUNDLE));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("their vectors do not compare"),
          refused.getMessage());
      assertThrows(IndexException.class, () -> SolrWriter.update(cluster.place("theirs"), BUNDLE));
      ours.alias("either");
      try (SearchBackend served = SolrBackend.open(cluster.place("either"), BUNDLE)) {
        assertEquals(10, ids(served, 20).size());
        theirs.alias("either");
        SolrCluster.await(
            SOON,
            "the other bundle's collection is refused",
            () -> {
              try {
                assertTrue(ids(served, 1).getFirst().startsWith("ours/"));
                return false;
              } catch (IndexException e) {
                return String.valueOf(e.getMessage()).contains("do not compare");
              }
            });
        ours.alias("either");
        SolrCluster.await(
            SOON,
            "ours is served again",
            () -> {
              try {
                return ids(served, 20).size() == 10;
              } catch (IndexException _) {
                return false;
              }
            });
      }
    }
  }

  @Test
  void takedown_byEachKind_staysOutForGood() {
    List<IndexedImage> rows = new ArrayList<>(rows("kept", 20, 85));
    String hash = "0123456789abcdef0123456789abcdef";
    String near = "0123456789abcdef0123456789abcdee";
    List<IndexedImage> gone =
        List.of(
            SampleRows.row("gone by \"id\"", SampleRows.vector(new Random(86), CLIP)),
            SampleRows.withOrigin(
                SampleRows.row("gone/sha", SampleRows.vector(new Random(87), CLIP)),
                "cd".repeat(32),
                "http://example.org/a"),
            SampleRows.withOrigin(
                SampleRows.row("gone/url", SampleRows.vector(new Random(88), CLIP)),
                "ef".repeat(32),
                "http://example.org/b?x={!q}&y=\"z\""),
            SampleRows.withPictureHash(
                SampleRows.row("gone/hash", SampleRows.vector(new Random(89), CLIP)), near));
    rows.addAll(gone);
    SolrPlace place = cluster.place("takedown");
    List<ImageSelector> selectors =
        List.of(
            new ImageSelector(Kind.ID, "gone by \"id\""),
            new ImageSelector(Kind.SHA256, "cd".repeat(32)),
            new ImageSelector(Kind.URL, "http://example.org/b?x={!q}&y=\"z\""),
            new ImageSelector(Kind.PHASH, hash));
    try (SolrWriter writer = created("takedown", HEADER, rows);
        SearchBackend backend = SolrBackend.open(place, BUNDLE)) {
      assertEquals(24, ids(backend, 50).size());
      String before = backend.state();
      writer.takeDown(selectors);
      assertEquals(20, backend.size());
      assertTrue(ids(backend, 50).stream().allMatch(id -> id.startsWith("kept/")));
      assertFalse(backend.state().equals(before));
      assertEquals(0, writer.add(gone));
    }
    try (SolrWriter later = SolrWriter.update(place, BUNDLE);
        SearchBackend backend = SolrBackend.open(place, BUNDLE)) {
      assertEquals(Set.copyOf(selectors), later.forbidden().selectors());
      assertEquals(20, later.add(rows));
      later.removeAll();
      assertEquals(0, later.commit());
      assertEquals(1, later.add(List.of(rows.getFirst(), gone.getFirst())));
      assertEquals(1, later.commit());
      assertEquals(List.of("kept/0000"), ids(backend, 5));
    }
  }

  @Test
  void batches_ofSeveralWriters_addUp_replaceAndAreFoundAfterACommit() throws Exception {
    SolrPlace place = cluster.place("batches");
    List<IndexedImage> rows = rows("b", 1000, 90);
    try (SolrWriter writer = SolrWriter.create(place, new SolrShape(2, 1), HEADER);
        SearchBackend backend = SolrBackend.open(place, BUNDLE);
        var threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Integer>> batches = new ArrayList<>();
      for (int from = 0; from < 1000; from += 100) {
        List<IndexedImage> batch = rows.subList(from, from + 100);
        boolean shared = from % 200 == 0;
        batches.add(() -> {
          if (shared) {
            return writer.add(batch) + writer.add(batch.subList(0, 50));
          }
          try (SolrWriter another = SolrWriter.update(place, BUNDLE)) {
            return another.add(batch) + another.add(batch.subList(0, 50));
          }
        });
      }
      for (Future<Integer> added : threads.invokeAll(batches)) {
        assertEquals(150, added.get());
      }
      assertEquals(0, backend.size(), "nothing is found before a commit");
      assertEquals(1000, writer.commit());
      assertEquals(1000, backend.size());
      assertEquals(
          rows.stream()
              .sorted((one, two) ->
                  Double.compare(VECTOR.cosine(two.clip()), VECTOR.cosine(one.clip())))
              .limit(20)
              .map(row -> row.image().id().value())
              .toList(),
          ids(backend, 20));
      IndexedImage changed = SampleRows.row("b/0007", VECTOR);
      writer.add(List.of(changed));
      writer.remove(List.of(new ImageSelector(Kind.ID, "b/0008")));
      assertEquals(999, writer.commit());
      assertEquals("b/0007", ids(backend, 1).getFirst());
      assertTrue(backend.find(new ImageId("b/0008")).isEmpty());
    }
  }

  @Test
  void mistakes_areNamed() {
    IndexException none =
        assertThrows(IndexException.class, () -> SolrBackend.open(cluster.place("none"), BUNDLE));
    assertTrue(
        String.valueOf(none.getMessage())
            .startsWith("there is no Solr collection 'none' at " + cluster.url(0)),
        none.getMessage());
    assertThrows(IndexException.class, () -> SolrWriter.update(cluster.place("none"), BUNDLE));
    SolrWriter.create(cluster.place("twice"), SolrShape.ONE, HEADER).close();
    IndexException twice =
        assertThrows(
            IndexException.class,
            () -> SolrWriter.create(cluster.place("twice"), SolrShape.ONE, HEADER));
    assertTrue(String.valueOf(twice.getMessage()).contains("exists already"), twice.getMessage());
    IndexException crowded =
        assertThrows(
            IndexException.class,
            () -> SolrWriter.create(cluster.place("crowded"), new SolrShape(1, 3), HEADER));
    assertTrue(
        String.valueOf(crowded.getMessage()).contains("needs 3 nodes, 2 are there"),
        crowded.getMessage());
    SolrPlace nowhere =
        new SolrPlace(
            List.of("http://127.0.0.1:1/solr"),
            "any",
            Duration.ofSeconds(1),
            Duration.ofSeconds(1));
    CorpusUnavailableException away =
        assertThrows(CorpusUnavailableException.class, () -> SolrBackend.open(nowhere, BUNDLE));
    assertTrue(String.valueOf(away.getMessage()).contains("http://127.0.0.1:1/solr"));
  }
}
