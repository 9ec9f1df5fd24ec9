package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables and archives as other tools wrote them (pyarrow, Python's tarfile; see
/// `src/test/resources/sources`).
class SourceFormatsTest {
  /// The hash of a picture of one colour.
  private static final String FLAT = "0".repeat(32);

  @TempDir Path temporary;
  private Path corpus = Path.of("");
  private Path index = Path.of("");

  @BeforeEach
  void corpus() throws IOException {
    corpus = Files.createDirectory(temporary.resolve("corpus"));
    index = temporary.resolve("index");
  }

  private IndexingReport run(Path source, Mode mode) {
    return new IndexingJob(new ColourEmbedder())
        .run(
            IndexingPlan.of(CorpusSource.open(source, temporary.resolve("pictures")), index)
                .withMode(mode),
            IndexingListener.NONE);
  }

  private ImageRecord found(String id) {
    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      return backend.find(new ImageId(id)).orElseThrow();
    }
  }

  private Path resource(String name) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/sources/" + name)) {
      if (in == null) {
        throw new IOException("the test resource sources/" + name + " is missing");
      }
      Path file = corpus.resolve(name);
      Files.write(file, in.readAllBytes());
      return file;
    }
  }

  private void twoPictures() throws IOException {
    Pictures.write(corpus.resolve("red.png"), 0xff0000);
    Pictures.write(corpus.resolve("green.png"), 0x00ff00);
  }

  @Test
  void csv_givesRecords_andBadRecordsAreReported() throws IOException {
    twoPictures();
    Path table = corpus.resolve("list.csv");
    Files.writeString(
        table,
        "\uFEFFid,file,caption,keywords,names.de,shop\r\n"
            + "r,red.png,\"a \"\"red\"\" one,\nreally\",red; warm,ein rotes,7\r\n"
            + "\r\n"
            + "short,green.png\r\n"
            + "g,green.png,,,,\r\n");
    IndexingReport report = run(table, Mode.REPLACE);
    assertEquals(2, report.images());
    assertEquals(Map.of(Failure.BAD_MANIFEST_LINE, 1L), report.failuresByReason());
    assertEquals("record 3", report.failures().getFirst().id());
    ImageRecord red = found("r");
    assertEquals("a \"red\" one,\nreally", red.caption());
    assertEquals(List.of("red", "warm"), red.keywords());
    assertEquals(Map.of("de", "ein rotes"), red.names());
    assertEquals(Map.of("shop", "7", PictureHash.KEY, FLAT), red.metadata());
    assertEquals("green", found("g").caption());
  }

  @Test
  void tsv_isSplitByTabs_andKnowsOtherNamesOfColumns() throws IOException {
    twoPictures();
    Path table = corpus.resolve("list.tsv");
    Files.writeString(table, "file_name\ttext\nred.png\tred, round\ngreen.png\tgreen\n");
    assertEquals(2, run(table, Mode.REPLACE).images());
    assertEquals("red, round", found("red.png").caption());
  }

  @Test
  void parquet_givesRecords_andLeavesNestedColumnsOut() throws IOException {
    twoPictures();
    IndexingReport report = run(resource("manifest.parquet"), Mode.REPLACE);
    assertEquals(3, report.total());
    assertEquals(2, report.images());
    assertEquals("row 3", report.failures().getFirst().id());
    ImageRecord red = found("red.png");
    assertEquals("a red one", red.caption());
    assertEquals(List.of("red", "warm"), red.keywords());
    assertEquals("CC0-1.0", red.licence());
    assertEquals(Map.of("clip_score", "0.5", PictureHash.KEY, FLAT), red.metadata());
  }

  @Test
  void brokenParquet_isRefused() throws IOException {
    Path table = Files.writeString(corpus.resolve("list.parquet"), "PAR1 and no more");
    CorpusException e = assertThrows(CorpusException.class, () -> run(table, Mode.REPLACE));
    assertTrue(String.valueOf(e.getMessage()).startsWith("cannot read the Parquet file"));
  }

  @Test
  void archives_giveSamples_andDamageIsReported() throws IOException {
    resource("00000.tar");
    resource("00001.tar");
    IndexingReport report = run(corpus, Mode.UPDATE);

    assertEquals(
        Map.of(Failure.OUTSIDE_ROOT, 1L, Failure.UNREADABLE_FILE, 1L), report.failuresByReason());
    assertEquals(6, report.images());
    assertEquals(8, report.total());
    ImageRecord red = found("00000/000000000.jpg");
    assertEquals("a red thing", red.caption());
    assertEquals("00000", red.source());
    assertEquals("u0", red.metadata().get("url"));
    assertEquals("24", red.metadata().get("original_width"));
    ImageRecord green = found("00000/000000001.webp");
    assertEquals("only in json", green.caption());
    assertEquals("A. Painter", green.author());
    found("00000/deep/" + "n".repeat(120) + ".png");
    found("00001/" + "g".repeat(130) + ".png");
    Path pictures = temporary.resolve("pictures");
    assertEquals(
        Pictures.sha256(Files.readAllBytes(pictures.resolve(red.location()))), red.sha256());
    assertFalse(Files.exists(temporary.resolve("escape.png")));
    assertFalse(Files.exists(pictures.resolve("escape.png")));

    assertEquals(new Changes(0, 0, 6, 0), run(corpus, Mode.UPDATE).changes());
  }
}
