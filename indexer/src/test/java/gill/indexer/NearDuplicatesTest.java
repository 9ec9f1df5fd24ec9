package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.IndexContents;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.indexer.IndexingPlan.Extras;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.flow.Changes;
import gill.indexer.flow.DerivedKeys;
import gill.indexer.flow.DuplicatePolicy;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.NearDuplicate;
import gill.indexer.flow.PictureNotes;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pictures that repeat others: scaled and compressed anew, against ones of the same colour or the
/// same layout only.
class NearDuplicatesTest {
  @TempDir Path temporary;
  private Path corpus = Path.of("");
  private Path index = Path.of("");

  @BeforeEach
  void corpus() throws IOException {
    corpus = Files.createDirectory(temporary.resolve("corpus"));
    index = temporary.resolve("index");
    draw("a_first.png", 1, 90, Color.RED);
    draw("b_smaller.png", 1, 63, Color.RED);
    draw("c_as_jpeg.jpg", 1, 90, Color.RED);
    draw("d_other_colour.png", 1, 90, Color.BLUE);
    draw("e_other_drawing.png", 2, 90, Color.RED);
  }

  /// Nine by nine grey fields by chance, and a square of a colour in the middle.
  private void draw(String name, long seed, int side, Color colour) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    Random random = new Random(seed);
    for (int i = 0; i < 81; i++) {
      int grey = random.nextInt(256);
      graphics.setColor(new Color(grey, grey, grey));
      int field = side / 9;
      graphics.fillRect(i % 9 * field, i / 9 * field, field, field);
    }
    graphics.setColor(colour);
    graphics.fillRect(side * 4 / 9, side * 4 / 9, side / 9, side / 9);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), out));
    Pictures.write(corpus.resolve(name), out.toByteArray());
  }

  private IndexingPlan plan(DuplicatePolicy policy, Mode mode) {
    return IndexingPlan.of(CorpusSource.open(corpus), index)
        .withMode(mode)
        .withExtras(new Extras(policy, 0.96, PictureNotes.NONE, false));
  }

  private IndexingReport run(DuplicatePolicy policy, Mode mode) {
    return new IndexingJob(new ColourEmbedder()).run(plan(policy, mode), IndexingListener.NONE);
  }

  private Optional<ImageRecord> find(String id) {
    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      return backend.find(new ImageId(id));
    }
  }

  private String original(String id) {
    return find(id).orElseThrow().metadata().getOrDefault(DerivedKeys.DUPLICATE_OF, "");
  }

  private List<String> rows() {
    List<String> rows = new ArrayList<>();
    try (IndexContents contents = IndexContents.open(index)) {
      contents.forEachRemaining(row -> rows.add(row.image() + " " + row.clip() + row.gill()));
    }
    rows.sort(null);
    return rows;
  }

  @Test
  void keep_indexesAll_andTells() throws IOException {
    IndexingReport report = run(DuplicatePolicy.KEEP, Mode.REPLACE);
    assertEquals(5, report.images());
    assertEquals(2, report.profile().nearDuplicates());
    assertEquals(0, report.profile().dropped());
    List<String> pairs =
        report.profile().duplicates().stream()
            .map((NearDuplicate pair) -> pair.id() + " of " + pair.original())
            .toList();
    assertEquals(List.of("b_smaller.png of a_first.png", "c_as_jpeg.jpg of a_first.png"), pairs);
    assertEquals("", original("b_smaller.png"));
    List<String> lines = Files.readAllLines(index.resolve(ReportFiles.DUPLICATES));
    assertEquals(2, lines.size());
    assertTrue(
        lines.getFirst().startsWith("{\"id\":\"b_smaller.png\",\"duplicate_of\":\"a_first.png\""));
    assertFalse(Files.exists(index.resolve("indexing-vectors.bin")));
  }

  @Test
  void link_namesTheFirstOfThem() {
    assertEquals(5, run(DuplicatePolicy.LINK, Mode.REPLACE).images());
    assertEquals("a_first.png", original("b_smaller.png"));
    assertEquals("a_first.png", original("c_as_jpeg.jpg"));
    assertEquals("", original("a_first.png"));
    assertEquals("", original("d_other_colour.png"));
    assertEquals("", original("e_other_drawing.png"));
  }

  @Test
  void drop_leavesThemOut() {
    IndexingReport report = run(DuplicatePolicy.DROP, Mode.REPLACE);
    assertEquals(3, report.images());
    assertEquals(2, report.profile().dropped());
    assertEquals(0, report.failed());
    assertTrue(find("b_smaller.png").isEmpty());
  }

  @Test
  void update_endsAsANewIndexDoes_whateverPolicyWasBefore() throws IOException {
    for (DuplicatePolicy before : DuplicatePolicy.values()) {
      for (DuplicatePolicy after : DuplicatePolicy.values()) {
        run(after, Mode.REPLACE);
        List<String> anew = rows();
        run(before, Mode.REPLACE);
        run(after, Mode.UPDATE);
        assertEquals(anew, rows(), before + " then " + after);
      }
    }
    run(DuplicatePolicy.LINK, Mode.REPLACE);
    assertEquals(new Changes(0, 0, 5, 0), run(DuplicatePolicy.LINK, Mode.UPDATE).changes());
  }

  @Test
  void originalThatGoes_hasASuccessor() throws IOException {
    run(DuplicatePolicy.LINK, Mode.REPLACE);
    Files.delete(corpus.resolve("a_first.png"));
    run(DuplicatePolicy.LINK, Mode.UPDATE);
    assertEquals("", original("b_smaller.png"));
    assertEquals("b_smaller.png", original("c_as_jpeg.jpg"));
    List<String> updated = rows();
    run(DuplicatePolicy.LINK, Mode.REPLACE);
    assertEquals(rows(), updated);
  }

  @Test
  void jobThatWasBrokenOff_linksAsOneThatWasNot() {
    run(DuplicatePolicy.LINK, Mode.REPLACE);
    List<String> calm = rows();
    IndexingPlan plan =
        new IndexingPlan(
            CorpusSource.open(corpus),
            temporary.resolve("other"),
            gill.engine.vision.ImageLimits.DEFAULT,
            2,
            2,
            Mode.REPLACE,
            gill.engine.retrieval.VectorFormat.AUTO,
            new Extras(DuplicatePolicy.LINK, 0.96, PictureNotes.NONE, false));
    index = temporary.resolve("other");
    try {
      new IndexingJob(new ColourEmbedder())
          .run(
              plan,
              progress -> {
                throw new IllegalStateException("broken off");
              });
    } catch (IllegalStateException e) {
      assertEquals("broken off", e.getMessage());
    }
    assertEquals(
        2, new IndexingJob(new ColourEmbedder()).run(plan, IndexingListener.NONE).resumed());
    assertEquals(calm, rows());
  }

  @Test
  void retryOfFailures_comparesWithTheWholeIndex() throws IOException {
    byte[] jpeg = Files.readAllBytes(corpus.resolve("c_as_jpeg.jpg"));
    Files.write(corpus.resolve("c_as_jpeg.jpg"), new byte[0]);
    assertEquals(1, run(DuplicatePolicy.LINK, Mode.REPLACE).failed());
    Files.write(corpus.resolve("c_as_jpeg.jpg"), jpeg);
    IndexingReport report = run(DuplicatePolicy.LINK, Mode.RETRY_FAILED);
    assertEquals(5, report.images());
    assertEquals("a_first.png", original("c_as_jpeg.jpg"));
  }
}
