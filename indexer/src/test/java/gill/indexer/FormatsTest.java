package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Hit;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Real files of every format are indexed, and embedded by the colours Pillow sees in them: the
/// engine's golden pictures (`pillow/`), and a drawing.
class FormatsTest {
  @TempDir Path temporary;

  private static byte[] golden(String name) throws IOException {
    try (InputStream in = FormatsTest.class.getResourceAsStream("/pillow/" + name)) {
      if (in == null) {
        throw new IOException("the engine's test resource pillow/" + name + " is missing");
      }
      return in.readAllBytes();
    }
  }

  @Test
  void everyFormat_isIndexedByItsColours() throws IOException {
    Path corpus = Files.createDirectory(temporary.resolve("corpus"));
    JsonNode pictures = JsonMapper.shared().readTree(golden("manifest.json")).path("pictures");
    for (JsonNode picture : pictures) {
      String name = picture.path("file").stringValue();
      Files.write(corpus.resolve(name), golden(name));
    }
    Pictures.write(
        corpus.resolve("drawing.svg"),
        ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 4'>"
                + "<rect width='4' height='4' fill='#4080c0'/></svg>")
            .getBytes(StandardCharsets.UTF_8));
    Path index = temporary.resolve("index");
    IndexingReport report =
        new IndexingJob(new ColourEmbedder())
            .run(IndexingPlan.of(CorpusSource.open(corpus), index), IndexingListener.NONE);
    // The tests' embedder takes no picture whose middle is black, as that of this one is.
    assertEquals(
        List.of("png-bilevel.png"), report.failures().stream().map(it -> it.id()).toList());
    assertEquals(Failure.EMBEDDING_FAILED, report.failures().getFirst().reason());
    assertEquals(pictures.size(), report.images());

    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      for (JsonNode picture : pictures) {
        if (picture.path("file").stringValue().equals("png-bilevel.png")) {
          continue;
        }
        assertFound(
            backend,
            picture.path("file").stringValue(),
            middle(golden(picture.path("decoded").stringValue())));
      }
      assertFound(backend, "drawing.svg", new float[] {0x40, 0x80, 0xc0});
    }
  }

  /// The colour in the middle, as ImageIO reads Pillow's decoding of the file.
  private static float[] middle(byte[] png) throws IOException {
    var image = javax.imageio.ImageIO.read(new ByteArrayInputStream(png));
    int rgb = image.getRGB(image.getWidth() / 2, image.getHeight() / 2);
    return new float[] {rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff};
  }

  private static void assertFound(SearchBackend backend, String id, float[] colour) {
    List<Hit> hits =
        backend
            .search(
                new RetrievalQuery(VectorField.CLIP, UnitVector.normalise(colour), 100, Set.of()))
            .bestFirst();
    Hit hit =
        hits.stream()
            .filter(it -> it.id().value().equals(id))
            .findFirst()
            .orElseThrow(() -> new AssertionError(id + " is not found"));
    assertTrue(hit.score() > 0.99999, id + ": cosine " + hit.score());
  }
}
