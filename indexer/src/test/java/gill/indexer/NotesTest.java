package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageId;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.indexer.IndexingPlan.Extras;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.DuplicatePolicy;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.PictureNotes;
import gill.indexer.notes.AllNotes;
import gill.indexer.notes.QualityNotes;
import gill.indexer.notes.Tagger;
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

/// What is noted of pictures: by a real ONNX graph (`src/test/resources/tagger/make.py`), and their
/// quality.
class NotesTest {
  @TempDir Path temporary;
  private Path corpus = Path.of("");
  private Path index = Path.of("");
  private Path folder = Path.of("");

  @BeforeEach
  void corpus() throws IOException {
    corpus = Files.createDirectory(temporary.resolve("corpus"));
    index = temporary.resolve("index");
    folder = Files.createDirectory(temporary.resolve("tagger"));
    Pictures.write(corpus.resolve("red.png"), 0xff0000);
    Pictures.write(corpus.resolve("purple.png"), 0x820080);
    Pictures.write(corpus.resolve("grey.png"), 0x808080);
    for (String file :
        List.of("model.onnx", "preprocessor_config.json", "labels.txt", "tagger.properties")) {
      try (InputStream in = getClass().getResourceAsStream("/tagger/" + file)) {
        if (in == null) {
          throw new IOException("the test resource tagger/" + file + " is missing");
        }
        Files.write(folder.resolve(file), in.readAllBytes());
      }
    }
  }

  private IndexingReport run(PictureNotes notes) {
    return new IndexingJob(new ColourEmbedder())
        .run(
            IndexingPlan.of(CorpusSource.open(corpus), index)
                .withMode(Mode.UPDATE)
                .withExtras(new Extras(DuplicatePolicy.KEEP, 0.96, notes, false)),
            IndexingListener.NONE);
  }

  private Map<String, String> metadata(String id) {
    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      return backend.find(new ImageId(id)).orElseThrow().metadata();
    }
  }

  @Test
  void tagger_notesLabelsOverTheirThresholds_andScores() {
    try (Tagger tagger = Tagger.open(folder)) {
      run(tagger);
      assertEquals("red", metadata("red.png").get("tag_colour"));
      assertEquals("1.0000", metadata("red.png").get("tag_colour_red"));
      assertEquals("red;blue", metadata("purple.png").get("tag_colour"));
      assertEquals("blue", metadata("grey.png").get("tag_colour"));
      assertEquals("0.3333", metadata("grey.png").get("tag_colour_green"));
      // The same classifier has nothing to say anew.
      assertEquals(new Changes(0, 0, 3, 0), run(tagger).changes());
    }
  }

  @Test
  void anotherTagger_isAskedAgain() throws IOException {
    try (Tagger tagger = Tagger.open(folder)) {
      run(tagger);
    }
    Files.writeString(
        folder.resolve("tagger.properties"),
        "name = colour\nactivation = sigmoid\nthreshold = 1.1");
    try (Tagger tagger = Tagger.open(folder)) {
      assertEquals(new Changes(0, 3, 0, 0), run(tagger).changes());
      assertEquals("none", metadata("grey.png").get("tag_colour"));
    }
  }

  @Test
  void taggerThatIsWrong_isRefusedWithTheReason() throws IOException {
    Files.writeString(folder.resolve("labels.txt"), "one\ntwo\n");
    assertTrue(refusal().contains("3 values, labels.txt names 2"), refusal());
    Files.writeString(folder.resolve("labels.txt"), "a;b\n");
    assertTrue(refusal().contains("labels.txt"), refusal());
    Files.writeString(folder.resolve("tagger.properties"), "name = Not This\n");
    assertTrue(refusal().contains("name must be"), refusal());
    Files.delete(folder.resolve("model.onnx"));
    assertTrue(refusal().contains("lacks model.onnx"), refusal());
  }

  private String refusal() {
    return String.valueOf(
        assertThrows(CorpusException.class, () -> Tagger.open(folder).close()).getMessage());
  }

  @Test
  void quality_tellsASharpPictureFromAnEmptyOne() throws IOException {
    java.awt.image.BufferedImage checks =
        new java.awt.image.BufferedImage(64, 64, java.awt.image.BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      checks.setRGB(i % 64, i / 64, (i % 64 / 4 + i / 64 / 4) % 2 == 0 ? 0xffffff : 0x101010);
    }
    Path file = corpus.resolve("checks.png");
    assertTrue(javax.imageio.ImageIO.write(checks, "png", file.toFile()));
    run(new AllNotes(List.of(new QualityNotes())));
    assertEquals("0.0", metadata("red.png").get("quality_sharpness"));
    assertEquals("0.00", metadata("red.png").get("quality_entropy"));
    assertEquals("1.00", metadata("checks.png").get("quality_entropy"));
    assertTrue(Double.parseDouble(metadata("checks.png").get("quality_sharpness")) > 1000);
  }
}
