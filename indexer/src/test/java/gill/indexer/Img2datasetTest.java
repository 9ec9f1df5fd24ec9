package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.flow.Changes;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders that img2dataset itself wrote (`src/test/resources/sources/make_img2dataset.py`): two
/// pictures, and an address that was gone.
class Img2datasetTest {
  private static final Path OUTPUT = Path.of("src/test/resources/sources/img2dataset");

  @TempDir Path temporary;

  private IndexingReport run(Path source) {
    return new IndexingJob(new ColourEmbedder())
        .run(
            IndexingPlan.of(
                    CorpusSource.open(source, temporary.resolve("pictures")),
                    temporary.resolve("index"))
                .withMode(Mode.UPDATE),
            IndexingListener.NONE);
  }

  private ImageRecord found(String id) {
    try (SearchBackend backend =
        LuceneBackend.open(temporary.resolve("index"), ColourEmbedder.BUNDLE)) {
      return backend.find(new ImageId(id)).orElseThrow();
    }
  }

  private void assertDescribed() {
    ImageRecord red = found("00000/000000000.jpg");
    assertEquals("a red field", red.caption());
    assertEquals("CC0-1.0", red.licence());
    assertEquals("00000", red.source());
    assertEquals(32, red.width());
    assertEquals("64", red.metadata().get("original_width"));
    assertEquals("http://127.0.0.1:8765/red.jpg", red.metadata().get("url"));
    assertEquals("a blue field", found("00000/000000002.jpg").caption());
  }

  @Test
  void foldersOfPictures_withTextJsonAndParquet_areRead() throws IOException {
    IndexingReport report = run(OUTPUT.resolve("files"));
    assertEquals(2, report.images());
    assertEquals(Map.of(Failure.NOT_DOWNLOADED, 1L), report.failuresByReason());
    Failure gone = report.failures().getFirst();
    assertEquals("http://127.0.0.1:8765/gone.jpg", gone.path());
    assertEquals("failed_to_download: HTTP Error 404: Not Found", gone.message());
    assertDescribed();
    assertEquals(new Changes(0, 0, 2, 0), run(OUTPUT.resolve("files")).changes());
  }

  @Test
  void archives_areRead() {
    IndexingReport report = run(OUTPUT.resolve("webdataset"));
    assertEquals(2, report.images());
    assertEquals(Map.of(), report.failuresByReason());
    assertDescribed();
    assertEquals(new Changes(0, 0, 2, 0), run(OUTPUT.resolve("webdataset")).changes());
  }
}
