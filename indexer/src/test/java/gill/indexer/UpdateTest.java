package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.VectorFormat;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateTest {
  @TempDir Path temporary;
  private final ColourEmbedder embedder = new ColourEmbedder();
  private Path corpus = Path.of("");
  private Path index = Path.of("");

  @BeforeEach
  void corpus() throws IOException {
    corpus = Files.createDirectory(temporary.resolve("corpus"));
    index = temporary.resolve("index");
    for (int i = 0; i < 20; i++) {
      Pictures.write(corpus.resolve("p%02d.png".formatted(i)), 0x010203 + 999 * i);
    }
  }

  private IndexingReport run(Mode mode) {
    return run(corpus, mode);
  }

  private IndexingReport run(Path source, Mode mode) {
    embedder.batches.clear();
    return new IndexingJob(embedder)
        .run(
            IndexingPlan.of(CorpusSource.open(source), index).withMode(mode),
            IndexingListener.NONE);
  }

  private int embedded() {
    return embedder.batches.stream().mapToInt(Integer::intValue).sum();
  }

  private SearchBackend open() {
    return LuceneBackend.open(index, ColourEmbedder.BUNDLE);
  }

  @Test
  void update_embedsOnlyWhatIsNewOrChanged_andRemovesWhatIsGone() throws IOException {
    assertEquals(new Changes(20, 0, 0, 0), run(Mode.UPDATE).changes());

    Pictures.write(corpus.resolve("new.png"), 0x778899);
    Pictures.write(corpus.resolve("p03.png"), 0xffffff);
    Files.writeString(corpus.resolve("p04.txt"), "a caption at last");
    Files.delete(corpus.resolve("p05.png"));
    Pictures.write(corpus.resolve("p06.png"), new byte[0]);
    IndexingReport report = run(Mode.UPDATE);

    assertEquals(new Changes(1, 2, 16, 2), report.changes());
    assertEquals(3, embedded());
    assertEquals(19, report.images());
    assertEquals(Map.of("empty_file", 1L), report.failuresByReason());
    try (SearchBackend backend = open()) {
      assertEquals(19, backend.size());
      assertTrue(backend.find(new ImageId("p05.png")).isEmpty());
      assertTrue(backend.find(new ImageId("p06.png")).isEmpty());
      assertEquals(
          "a caption at last", backend.find(new ImageId("p04.png")).orElseThrow().caption());
      assertEquals(
          Pictures.sha256(Files.readAllBytes(corpus.resolve("p03.png"))),
          backend.find(new ImageId("p03.png")).orElseThrow().sha256());
    }
    assertEquals(new Changes(0, 0, 19, 0), run(Mode.UPDATE).changes());
    assertEquals(0, embedded());
  }

  @Test
  void update_ofAManifestWithAnIdTwice_keepsTheLatter() throws IOException {
    Path manifest = corpus.resolve("manifest.jsonl");
    Files.writeString(
        manifest,
        """
        {"id": "x", "file": "p01.png", "caption": "first"}
        {"id": "x", "file": "p02.png", "caption": "second"}
        """);
    for (int i = 0; i < 2; i++) {
      run(manifest, Mode.UPDATE);
      try (SearchBackend backend = open()) {
        assertEquals("second", backend.find(new ImageId("x")).orElseThrow().caption());
      }
    }
  }

  @Test
  void update_withAnotherVectorFormat_isRefused_andTheIndexStays() {
    run(Mode.REPLACE);
    IndexingPlan plan =
        IndexingPlan.of(CorpusSource.open(corpus), index)
            .withMode(Mode.UPDATE)
            .withVectors(VectorFormat.BIT1);
    IndexException refused =
        assertThrows(
            IndexException.class, () -> new IndexingJob(embedder).run(plan, IndexingListener.NONE));
    assertTrue(refused.getMessage().contains("keeps its vectors as f32"), refused.getMessage());
    assertTrue(refused.getMessage().contains("index anew"), refused.getMessage());
    assertEquals(new Changes(0, 0, 20, 0), run(Mode.UPDATE).changes());
  }

  @Test
  void update_fromAnotherFolder_isRefused() throws IOException {
    run(Mode.REPLACE);
    Path other = Files.createDirectory(temporary.resolve("other"));
    Pictures.write(other.resolve("a.png"), 0xff0000);
    IndexException e = assertThrows(IndexException.class, () -> run(other, Mode.UPDATE));
    assertTrue(String.valueOf(e.getMessage()).contains("index anew"));
  }

  @Test
  void retryFailed_takesOnlyThose_andKeepsTheRest() throws IOException {
    Pictures.write(corpus.resolve("broken.png"), new byte[0]);
    Pictures.write(corpus.resolve("worse.png"), new byte[0]);
    assertEquals(2, run(Mode.REPLACE).failed());

    Pictures.write(corpus.resolve("broken.png"), 0x123456);
    Pictures.write(corpus.resolve("unasked.png"), 0x123456);
    IndexingReport report = run(Mode.RETRY_FAILED);

    assertEquals(2, report.total());
    assertEquals(21, report.images());
    assertEquals(1, embedded());
    assertEquals("worse.png", report.failures().getFirst().id());
    try (SearchBackend backend = open()) {
      assertTrue(backend.find(new ImageId("broken.png")).isPresent());
      assertTrue(backend.find(new ImageId("unasked.png")).isEmpty());
    }

    Pictures.write(corpus.resolve("worse.png"), 0x654321);
    assertEquals(1, run(Mode.RETRY_FAILED).total());
    CorpusException e = assertThrows(CorpusException.class, () -> run(Mode.RETRY_FAILED));
    assertTrue(String.valueOf(e.getMessage()).startsWith("nothing to try again"));
  }

  @Test
  void retryFailed_findsMendedManifestLines() throws IOException {
    Path manifest = corpus.resolve("manifest.jsonl");
    Files.writeString(manifest, "{\"file\": \"p01.png\"}\n{\"file\":\n");
    assertEquals(
        Map.of(Failure.BAD_MANIFEST_LINE, 1L), run(manifest, Mode.REPLACE).failuresByReason());
    Files.writeString(manifest, "{\"file\": \"p01.png\"}\n{\"file\": \"p02.png\"}\n");
    IndexingReport report = run(manifest, Mode.RETRY_FAILED);
    assertEquals(2, report.images());
    assertEquals(1, embedded());
  }

  @Test
  void dryRun_tellsWhatWouldFail_andWritesNothing() throws IOException {
    Pictures.write(corpus.resolve("broken.png"), new byte[0]);
    IndexingReport report =
        IndexingJob.dryRun(
            IndexingPlan.of(CorpusSource.open(corpus), index), IndexingListener.NONE);
    assertEquals(21, report.total());
    assertEquals(20, report.images());
    assertEquals(Map.of("empty_file", 1L), report.failuresByReason());
    assertFalse(Files.exists(index));
  }
}
