package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.IndexContents;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.export.EmbeddingExport;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.Embedding;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.IndexedCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An index written out, read again, audited and moved to another bundle.
class ExportTest {
  @TempDir Path temporary;
  private Path corpus = Path.of("");
  private Path index = Path.of("");

  @BeforeEach
  void index() throws IOException {
    corpus = Files.createDirectory(temporary.resolve("corpus"));
    index = temporary.resolve("index");
    for (int i = 0; i < 25; i++) {
      Pictures.write(corpus.resolve("p%02d.png".formatted(i)), 0x203040 + 0x070502 * i);
    }
    Files.writeString(
        corpus.resolve("p03.json"),
        "{\"caption\": \"drei\", \"names\": {\"fr\": \"trois\"}, \"keywords\": [\"a\", \"b\"],"
            + " \"licence\": \"CC0-1.0\", \"shop\": \"7\"}");
    run(CorpusSource.open(corpus), index, new ColourEmbedder());
  }

  private static IndexingReport run(CorpusSource source, Path to, ImageEmbedder embedder) {
    return new IndexingJob(embedder).run(IndexingPlan.of(source, to), IndexingListener.NONE);
  }

  private static List<String> rows(Path of) {
    List<String> rows = new ArrayList<>();
    try (IndexContents contents = IndexContents.open(of)) {
      contents.forEachRemaining(row -> rows.add(row.image() + " " + row.clip() + row.gill()));
    }
    rows.sort(null);
    return rows;
  }

  @Test
  void exportedFolder_isReadAgain_withoutEmbeddingAnything() throws IOException {
    Path folder = temporary.resolve("vectors");
    EmbeddingExport export = EmbeddingExport.write(index, folder, 10);
    assertEquals(3, export.parts());
    assertEquals(25, export.images());
    ColourEmbedder embedder = new ColourEmbedder();
    Path again = temporary.resolve("again");
    assertEquals(25, run(CorpusSource.open(folder), again, embedder).images());
    assertEquals(List.of(), embedder.batches);
    assertEquals(rows(index), rows(again));
  }

  @Test
  void exportedFolder_ofAnotherBundle_isRefused_andMissingPicturesFail() throws IOException {
    Path folder = temporary.resolve("vectors");
    EmbeddingExport.write(index, folder, 100);
    CorpusException e =
        assertThrows(
            CorpusException.class,
            () -> run(CorpusSource.open(folder), temporary.resolve("x"), new Other()));
    assertTrue(String.valueOf(e.getMessage()).contains("fingerprint"), e.getMessage());
    Files.delete(corpus.resolve("p07.png"));
    IndexingReport report =
        run(CorpusSource.open(folder), temporary.resolve("y"), new ColourEmbedder());
    assertEquals(24, report.images());
    assertEquals(Map.of(Failure.MISSING_FILE, 1L), report.failuresByReason());
  }

  @Test
  void exportIntoAFolderThatHoldsSomething_isRefused() {
    assertThrows(CorpusException.class, () -> EmbeddingExport.write(index, corpus, 10));
  }

  @Test
  void vectorsAndRowsThatDoNotMatch_areRefused() throws IOException {
    Path folder = temporary.resolve("vectors");
    EmbeddingExport.write(index, folder, 10);
    Files.copy(
        folder.resolve("img_emb/img_emb_2.npy"),
        folder.resolve("img_emb/img_emb_0.npy"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    CorpusException e =
        assertThrows(
            CorpusException.class,
            () -> run(CorpusSource.open(folder), temporary.resolve("x"), new ColourEmbedder()));
    assertTrue(String.valueOf(e.getMessage()).contains("has 10 rows"), e.getMessage());
  }

  @Test
  void audit_passesASoundIndex_andNamesWhatDiffers() throws IOException {
    IndexAudit sound = IndexAudit.of(index, new ColourEmbedder(), 20);
    assertEquals(List.of(), sound.faults());
    assertEquals(20, sound.compared());
    assertTrue(sound.lowest() > 0.99999, "cosine " + sound.lowest());
    Pictures.write(corpus.resolve("p05.png"), 0xff0000);
    Files.delete(corpus.resolve("p06.png"));
    IndexAudit changed = IndexAudit.of(index, new ColourEmbedder(), 25);
    assertEquals(23, changed.compared());
    assertEquals(2, changed.faults().size());
    // The model's answers are no longer what they were when the index was made.
    IndexAudit other = IndexAudit.of(index, new Other(ColourEmbedder.BUNDLE), 10);
    assertTrue(
        other.faults().stream().anyMatch(fault -> fault.contains("are not those of its picture")));
  }

  @Test
  void indexedCorpus_isIndexedByAnotherBundle() throws IOException {
    Path next = temporary.resolve("next");
    Pictures.write(corpus.resolve("p05.png"), 0xff0000);
    IndexingReport report = run(new IndexedCorpus(index), next, new Other());
    assertEquals(24, report.images());
    assertEquals(Map.of(Failure.SHA256_MISMATCH, 1L), report.failuresByReason());
    try (IndexContents contents = IndexContents.open(next)) {
      assertEquals("others", contents.header().bundle().name());
      assertEquals(corpus, contents.header().imageRoot());
      contents.forEachRemaining(row -> {
        if (row.image().id().value().equals("p03.png")) {
          assertEquals("drei", row.image().caption());
          assertEquals(Map.of("fr", "trois"), row.image().names());
          assertEquals("7", row.image().metadata().get("shop"));
        }
      });
    }
  }

  /// Sees colours the other way round.
  private static final class Other implements ImageEmbedder {
    private final ColourEmbedder colours = new ColourEmbedder();
    private final BundleStamp bundle;

    Other() {
      this(new BundleStamp("others", "1.0.0", "d".repeat(64)));
    }

    Other(BundleStamp bundle) {
      this.bundle = bundle;
    }

    @Override
    public BundleStamp bundle() {
      return bundle;
    }

    @Override
    public int clipDimension() {
      return 3;
    }

    @Override
    public int gillDimension() {
      return 4;
    }

    @Override
    public Pixels prepare(Pixels picture) {
      return colours.prepare(picture);
    }

    @Override
    public List<Embedding> embed(List<Pixels> pictures) {
      return colours.embed(pictures).stream().map(Other::turned).toList();
    }

    private static Embedding turned(Embedding embedding) {
      float[] clip = embedding.clip().toArray();
      return new Embedding(
          UnitVector.normalise(new float[] {clip[2], clip[0], -clip[1]}), embedding.gill());
    }
  }
}
