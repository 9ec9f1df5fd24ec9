package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blue.strategic.parquet.HydratorSupplier;
import blue.strategic.parquet.ParquetReader;
import gill.indexer.IndexingPlan.Extras;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.flow.DuplicatePolicy;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.PictureNotes;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import gill.indexer.report.HtmlReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The files a job leaves for its operator.
class ReportTest {
  @TempDir Path temporary;

  private IndexingReport run(Path index, boolean parquet) throws IOException {
    Path corpus = temporary.resolve("corpus");
    Pictures.write(corpus.resolve("red.png"), 0xff0000);
    Pictures.write(corpus.resolve("same.png"), 0xff0000);
    Pictures.write(corpus.resolve("sub/blue.jpg"), Pictures.bytes("jpg", 300, 100, 0x0000ff));
    Files.writeString(corpus.resolve("red.txt"), "<script>alert('red')</script>");
    Pictures.write(corpus.resolve("broken.png"), new byte[] {1, 2, 3});
    Pictures.write(corpus.resolve("empty.gif"), new byte[0]);
    return new IndexingJob(new ColourEmbedder())
        .run(
            IndexingPlan.of(CorpusSource.open(corpus), index)
                .withMode(Mode.UPDATE)
                .withExtras(new Extras(DuplicatePolicy.KEEP, 0.96, PictureNotes.NONE, parquet)),
            IndexingListener.NONE);
  }

  @Test
  void json_holdsDistributions_samplesAndDuplicates() throws IOException {
    Path index = temporary.resolve("index");
    run(index, false);
    JsonNode report =
        JsonMapper.shared().readTree(Files.readString(index.resolve(ReportFiles.REPORT)));
    assertEquals(1, report.at("/near_duplicates").asInt());
    assertEquals("same.png", report.at("/near_duplicate_pairs/0/id").asString());
    assertEquals(2, report.at("/distributions/format/png").asInt());
    assertEquals(3, report.at("/distributions/shape/landscape").asInt());
    assertEquals(1, report.at("/distributions/size/up to  512 px").asInt());
    assertEquals(2, report.at("/distributions/colour/red").asInt());
    assertEquals(1, report.at("/distributions/colour/blue").asInt());
    assertEquals(3, report.at("/samples").size());
  }

  @Test
  void html_showsItAll_withPictures_andNeedsNothingElse() throws IOException {
    Path index = temporary.resolve("index");
    run(index, false);
    String html = Files.readString(index.resolve(HtmlReport.FILE));
    assertTrue(html.contains("&lt;script&gt;"), "the caption is shown as text");
    assertFalse(html.contains("<script"), "no script");
    assertFalse(html.contains("http:") || html.contains("https:"), "nothing from elsewhere");
    // Three samples and a pair of near-duplicates.
    assertEquals(5, html.split("src='data:image/jpeg;base64,", -1).length - 1);
    for (String part :
        List.of("Not indexed", "broken.png", "not_an_image", "empty_file", "Near-duplicates")) {
      assertTrue(html.contains(part), part);
    }
  }

  @Test
  void failures_areAlsoATable_whereThatIsAskedFor() throws IOException {
    Path index = temporary.resolve("index");
    run(index, true);
    Path table = index.resolve(ReportFiles.FAILURE_TABLE);
    try (Stream<Map<String, Object>> rows =
        ParquetReader.streamContent(
            table.toFile(),
            HydratorSupplier.constantly(
                new blue.strategic.parquet.Hydrator<Map<String, Object>, Map<String, Object>>() {
                  @Override
                  public Map<String, Object> start() {
                    return new HashMap<>();
                  }

                  @Override
                  public Map<String, Object> add(
                      Map<String, Object> row, String column, Object value) {
                    row.put(column, value);
                    return row;
                  }

                  @Override
                  public Map<String, Object> finish(Map<String, Object> row) {
                    return row;
                  }
                }))) {
      assertEquals(
          List.of("broken.png not_an_image", "empty.gif empty_file"),
          rows.map(row -> row.get("id") + " " + row.get("reason")).toList());
    }
    run(index, false);
    assertFalse(Files.exists(table), "a table of another run was left");
  }
}
