package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.fault.InferenceException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.vision.ImageLimits;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.Progress;
import gill.indexer.read.CorpusSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class IndexingJobTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temporary;
  private final ColourEmbedder embedder = new ColourEmbedder();
  private Path corpus = Path.of("");
  private Path index = Path.of("");

  @BeforeEach
  void folders() throws IOException {
    corpus = Files.createDirectory(temporary.resolve("corpus"));
    index = temporary.resolve("index");
  }

  private IndexingReport run(Path source) {
    return new IndexingJob(embedder)
        .run(IndexingPlan.of(CorpusSource.open(source), index), IndexingListener.NONE);
  }

  private SearchBackend open() {
    return LuceneBackend.open(index, ColourEmbedder.BUNDLE);
  }

  private ImageRecord found(String id) {
    try (SearchBackend backend = open()) {
      return backend.find(new ImageId(id)).orElseThrow();
    }
  }

  private static Map<String, String> reasons(IndexingReport report) {
    Map<String, String> reasons = new TreeMap<>();
    report.failures().forEach(failure -> reasons.put(failure.id(), failure.reason()));
    return reasons;
  }

  @Test
  void folder_isIndexedWithItsSubFolders() throws IOException {
    Pictures.write(corpus.resolve("red_ball.png"), 0xff0000);
    Pictures.write(corpus.resolve("deep/er/green.jpg"), 0x00ff00);
    Pictures.write(corpus.resolve("deep/blue.gif"), 0x0000ff);
    Files.writeString(corpus.resolve("deep/blue.txt"), "the deep\n blue sea\n");
    Files.writeString(corpus.resolve("notes.md"), "not an image");

    IndexingReport report = run(corpus);

    assertEquals(3, report.images());
    assertEquals(3, report.total());
    assertEquals(0, report.failed());
    assertEquals("colours 1.0.0", report.bundle());
    try (SearchBackend backend = open()) {
      UnitVector green = UnitVector.of(new float[] {0, 1, 0});
      var hits =
          backend.search(new RetrievalQuery(VectorField.CLIP, green, 1, Set.of())).bestFirst();
      assertEquals("deep/er/green.jpg", hits.getFirst().id().value());
      assertTrue(hits.getFirst().score() > 0.99);
      assertEquals(corpus, backend.imageRoot());
    }
    assertEquals("red ball", found("red_ball.png").caption());
    assertEquals("the deep blue sea", found("deep/blue.gif").caption());
    assertEquals(List.of("deep", "er"), found("deep/er/green.jpg").keywords());
    assertEquals(8, found("red_ball.png").width());
    assertEquals(6, found("red_ball.png").height());
    assertEquals(
        Pictures.sha256(Files.readAllBytes(corpus.resolve("red_ball.png"))),
        found("red_ball.png").sha256());
  }

  @Test
  void takenDown_staysOutOfEveryLaterIndex() throws IOException {
    Pictures.write(corpus.resolve("wanted.png"), 0x00ff00);
    Pictures.write(corpus.resolve("unwanted.png"), 0xff0000);
    assertEquals(2, run(corpus).images());
    String digest = Pictures.sha256(Files.readAllBytes(corpus.resolve("unwanted.png")));
    try (ImageIndexWriter writer = ImageIndexWriter.update(index)) {
      assertEquals(
          1, writer.takeDown(List.of(new ImageSelector(ImageSelector.Kind.SHA256, digest))));
      assertEquals(1, writer.commit());
    }
    Files.move(corpus.resolve("unwanted.png"), corpus.resolve("renamed.png"));

    IndexingReport again = run(corpus);

    assertEquals(1, again.images());
    assertEquals(Map.of("renamed.png", Failure.TAKEN_DOWN), reasons(again));
    assertTrue(again.failures().getFirst().message().contains("sha256 " + digest));
    found("wanted.png");
  }

  @Test
  void brokenFiles_areRowsOfTheReport_andTheRestIsIndexed() throws IOException {
    Pictures.write(corpus.resolve("good.png"), 0x102030);
    Pictures.write(corpus.resolve("empty.png"), new byte[0]);
    byte[] jpeg = Pictures.bytes("jpg", 64, 64, 0x123456);
    Pictures.write(corpus.resolve("truncated.jpg"), Arrays.copyOf(jpeg, jpeg.length / 2));
    Pictures.write(
        corpus.resolve("text.png"),
        "hello, I am text".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Pictures.write(corpus.resolve("bomb.png"), Pictures.bomb());
    Pictures.write(
        corpus.resolve("scan.tif"),
        "II*\0 and so on".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Pictures.write(corpus.resolve("black.png"), 0x000000);
    Files.createSymbolicLink(corpus.resolve("gone.png"), corpus.resolve("nowhere.png"));
    Pictures.write(corpus.resolve("white.bmp"), 0xffffff);

    IndexingReport report = run(corpus);

    assertEquals(
        Map.of(
            "empty.png", "empty_file",
            "truncated.jpg", "truncated",
            "text.png", "not_an_image",
            "bomb.png", "too_many_pixels",
            "scan.tif", "corrupt",
            "black.png", Failure.EMBEDDING_FAILED,
            "gone.png", Failure.MISSING_FILE),
        reasons(report));
    assertEquals(2, report.images());
    assertEquals(9, report.total());
    assertEquals(7, report.failed());
    for (Failure failure : report.failures()) {
      assertFalse(failure.message().isBlank());
    }
    found("good.png");
    found("white.bmp");

    JsonNode written = JSON.readTree(Files.readString(index.resolve("indexing-report.json")));
    assertEquals(2, written.get("images").asInt());
    assertEquals(1, written.get("failures_by_reason").get("empty_file").asInt());
    assertEquals(7, written.get("failures").size());
    List<String> rows = Files.readAllLines(index.resolve("indexing-failures.jsonl"));
    assertEquals(7, rows.size());
    assertEquals("black.png", JSON.readTree(rows.getFirst()).get("id").asString());
  }

  @Test
  void tooLargeFiles_areNotLoaded() throws IOException {
    Pictures.write(corpus.resolve("good.png"), 0x102030);
    Pictures.write(corpus.resolve("large.png"), new byte[5000]);
    IndexingPlan plan =
        new IndexingPlan(
            CorpusSource.open(corpus),
            index,
            new ImageLimits(4096, 1_000_000, 1000),
            4,
            4,
            Mode.REPLACE);
    IndexingReport report = new IndexingJob(embedder).run(plan, IndexingListener.NONE);
    assertEquals(Map.of("large.png", "too_large_bytes"), reasons(report));
  }

  @Test
  void manifest_givesTheWholeRecord() throws IOException {
    byte[] red = Pictures.bytes("png", 8, 6, 0xff0000);
    Pictures.write(corpus.resolve("images/a/red.png"), red);
    Path manifest = corpus.resolve("manifest.jsonl");
    Files.writeString(
        manifest,
        """
        {"id": "a/red", "file": "images/a/red.png", "caption": "red square", "keywords": ["red"],
        """
                .strip()
            + """
             "names": {"de": "rotes Quadrat"}, "source": "a", "author": "An Author", "licence": "CC0-1.0", \
            "style": "flat", "group": "shapes", "colours": ["red"], "sha256": "%s", "width": 1, \
            "height": 1, "concept": "u:1f7e5", "weight": 3, "more": {"x": [1]}}
            """
                .formatted(Pictures.sha256(red)));

    assertEquals(1, run(manifest).images());
    assertEquals(
        new ImageRecord(
            new ImageId("a/red"),
            "red square",
            List.of("red"),
            Map.of("de", "rotes Quadrat"),
            "a",
            "An Author",
            "CC0-1.0",
            "flat",
            "shapes",
            List.of("red"),
            "images/a/red.png",
            Pictures.sha256(red),
            8,
            6,
            Map.of(
                "concept",
                "u:1f7e5",
                "weight",
                "3",
                "more",
                "{\"x\":[1]}",
                PictureHash.KEY,
                "0".repeat(32))),
        found("a/red"));
  }

  @Test
  void manifest_badRows_areRowsOfTheReport() throws IOException {
    Pictures.write(corpus.resolve("red.png"), 0xff0000);
    Pictures.write(corpus.resolve("green.png"), 0x00ff00);
    Files.createDirectory(corpus.resolve("folder.png"));
    Files.writeString(
        corpus.resolve("manifest.jsonl"),
        """
        {"id": "red", "file": "red.png"}
        {"id": "broken", "file":
        []

        {"id": "no-file"}
        {"id": 7, "file": "red.png"}
        {"id": "keywords", "file": "red.png", "keywords": "red"}
        {"id": "escape", "file": "../secret.png"}
        {"id": "missing", "file": "missing.png"}
        {"id": "folder", "file": "folder.png"}
        {"id": "changed", "file": "green.png", "sha256": "00"}
        {"id": "", "file": "green.png"}
        {"id": "green", "file": "green.png", "unknown": null}
        """);

    IndexingReport report = run(corpus);

    assertEquals(2, report.images());
    assertEquals(12, report.total());
    assertEquals(
        Map.of(
            "line 2", Failure.BAD_MANIFEST_LINE,
            "line 3", Failure.BAD_MANIFEST_LINE,
            "line 5", Failure.BAD_MANIFEST_LINE,
            "line 6", Failure.BAD_MANIFEST_LINE,
            "line 7", Failure.BAD_MANIFEST_LINE,
            "escape", Failure.OUTSIDE_ROOT,
            "missing", Failure.MISSING_FILE,
            "folder", Failure.UNREADABLE_FILE,
            "changed", Failure.SHA256_MISMATCH,
            "line 12", Failure.BAD_ID),
        reasons(report));
  }

  @Test
  void sameIdTwice_theLatterCounts_andIsReported() throws IOException {
    Pictures.write(corpus.resolve("red.png"), 0xff0000);
    Pictures.write(corpus.resolve("green.png"), 0x00ff00);
    Files.writeString(
        corpus.resolve("manifest.jsonl"),
        """
        {"id": "x", "file": "red.png", "caption": "first"}
        {"id": "y", "file": "red.png"}
        {"id": "x", "file": "green.png", "caption": "second"}
        """);
    IndexingReport report = run(corpus);
    assertEquals(2, report.images());
    assertEquals(1, report.duplicates());
    assertEquals("second", found("x").caption());
  }

  @Test
  void emptyFolder_isRefused() {
    CorpusException e = assertThrows(CorpusException.class, () -> run(corpus));
    assertEquals("there are no images in " + corpus, e.getMessage());
    assertFalse(Files.exists(index));
  }

  @Test
  void nothingUsable_isRefused_andTheFormerIndexStays() throws IOException {
    Pictures.write(corpus.resolve("red.png"), 0xff0000);
    run(corpus);
    Path broken = Files.createDirectory(temporary.resolve("broken"));
    Pictures.write(broken.resolve("empty.png"), new byte[0]);
    CorpusException e = assertThrows(CorpusException.class, () -> run(broken));
    assertEquals(
        "none of the 1 images of "
            + broken
            + " could be indexed: {empty_file=1}, see "
            + index.resolve("indexing-failures.jsonl"),
        e.getMessage());
    found("red.png");
  }

  @Test
  void existingIndex_isReplacedOnlyAtTheEnd() throws IOException {
    for (int i = 0; i < 40; i++) {
      Pictures.write(corpus.resolve("old%02d.png".formatted(i)), 0x010203 + i);
    }
    run(corpus);
    Path other = Files.createDirectory(temporary.resolve("other"));
    for (int i = 0; i < 70; i++) {
      Pictures.write(other.resolve("new%02d.png".formatted(i)), 0x010203 + i);
    }
    List<Integer> sizes = new ArrayList<>();
    new IndexingJob(embedder)
        .run(
            IndexingPlan.of(CorpusSource.open(other), index),
            _ -> {
              try (SearchBackend backend = open()) {
                sizes.add(backend.size());
              }
            });
    assertEquals(Set.of(40), Set.copyOf(sizes));
    try (SearchBackend backend = open()) {
      assertEquals(70, backend.size());
      assertTrue(backend.find(new ImageId("old00.png")).isEmpty());
    }
  }

  @Test
  void interruptedJob_leavesTheFormerIndex() throws IOException {
    for (int i = 0; i < 40; i++) {
      Pictures.write(corpus.resolve("p%02d.png".formatted(i)), 0x010203 + i);
    }
    run(corpus);
    IndexingPlan plan = IndexingPlan.of(CorpusSource.open(corpus), index);
    assertThrows(
        IllegalStateException.class,
        () ->
            new IndexingJob(embedder)
                .run(
                    plan,
                    progress -> {
                      throw new IllegalStateException("stopped at " + progress.done());
                    }));
    try (SearchBackend backend = open()) {
      assertEquals(40, backend.size());
    }
    assertEquals(40, run(corpus).images());
  }

  @Test
  void outputFolderOfOtherFiles_isRefused() throws IOException {
    Pictures.write(corpus.resolve("red.png"), 0xff0000);
    Pictures.write(index.resolve("precious.png"), 0xff0000);
    assertThrows(IndexException.class, () -> run(corpus));
    assertEquals(1, index.toFile().list().length);
  }

  @Test
  void brokenModel_endsTheJob() throws IOException {
    for (int i = 0; i < 5; i++) {
      Pictures.write(corpus.resolve("black%d.png".formatted(i)), 0x000000);
    }
    assertThrows(InferenceException.class, () -> run(corpus));
    assertThrows(IndexException.class, () -> open());
  }

  @Test
  void progress_reachesTheTotal() throws IOException {
    for (int i = 0; i < 50; i++) {
      Pictures.write(corpus.resolve("p%02d.png".formatted(i)), 0x010203 + i);
    }
    Pictures.write(corpus.resolve("empty.png"), new byte[0]);
    List<Progress> heard = new ArrayList<>();
    IndexingPlan plan =
        new IndexingPlan(
            CorpusSource.open(corpus), index, ImageLimits.DEFAULT, 16, 8, Mode.REPLACE);
    new IndexingJob(embedder).run(plan, heard::add);
    assertEquals(4, heard.size());
    assertEquals(51, heard.getLast().done());
    assertEquals(51, heard.getLast().total());
    assertEquals(1, heard.getLast().failures());
    assertEquals(List.of(15, 16, 16, 3), embedder.batches);
  }
}
