package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.flow.Hit;
import gill.engine.flow.Pixels;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.VectorField;
import gill.engine.mapper.RetrievalHead;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.runtime.Bundle;
import gill.engine.testing.TinyBundle;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import gill.engine.vision.VisualEncoder;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.Embedding;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A corpus indexed with the tiny bundle is searched with it.
class BundleIndexTest {
  private static final int[] COLOURS = {0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xffffff, 0x202020};

  @TempDir Path temporary;

  private IndexingReport index(Bundle bundle, Path corpus, Path out) throws IOException {
    for (int i = 0; i < COLOURS.length; i++) {
      // Of different shapes, so that each is resized.
      Pictures.write(
          corpus.resolve("p%d.png".formatted(i)),
          Pictures.bytes("png", 20 + 17 * i, 60 - 5 * i, COLOURS[i]));
    }
    IndexingPlan plan =
        new IndexingPlan(
            CorpusSource.open(corpus), out, ImageLimits.DEFAULT, 4, 4, IndexingPlan.Mode.REPLACE);
    return new IndexingJob(BundleEmbedder.of(bundle)).run(plan, IndexingListener.NONE);
  }

  @Test
  void everyImage_isFoundByItsOwnVectors() throws IOException {
    Path corpus = Files.createDirectory(temporary.resolve("corpus"));
    Path out = temporary.resolve("index");
    try (Bundle bundle = Bundle.open(TinyBundle.copyTo(temporary))) {
      assertEquals(COLOURS.length, index(bundle, corpus, out).images());
      BundleStamp stamp = BundleEmbedder.of(bundle).bundle();
      VisualEncoder encoder = new VisualEncoder(bundle);
      RetrievalHead head = new RetrievalHead(bundle);
      try (SearchBackend backend = LuceneBackend.open(out, stamp)) {
        assertEquals(bundle.fingerprint(), backend.fingerprint());
        for (int i = 0; i < COLOURS.length; i++) {
          float[] pooled = encoder.pooled(read(corpus.resolve("p%d.png".formatted(i))));
          for (RetrievalQuery query :
              List.of(
                  new RetrievalQuery(VectorField.CLIP, encoder.clipEmbedding(pooled), 1, Set.of()),
                  new RetrievalQuery(VectorField.GILL, head.imageEmbedding(pooled), 1, Set.of()))) {
            Hit best = backend.search(query).bestFirst().getFirst();
            assertEquals("p%d.png".formatted(i), best.id().value());
            assertTrue(best.score() > 0.9999, "cosine " + best.score());
          }
        }
      }
    }
  }

  @Test
  void preparedPicture_isEmbeddedAsTheWholeOne() throws IOException {
    try (Bundle bundle = Bundle.open(TinyBundle.copyTo(temporary))) {
      BundleEmbedder embedder = BundleEmbedder.of(bundle);
      Pixels picture = read(Pictures.write(temporary.resolve("x/p.jpg"), 0x336699));
      Embedding whole = embedder.embed(List.of(picture)).getFirst();
      Embedding prepared = embedder.embed(List.of(embedder.prepare(picture))).getFirst();
      assertEquals(whole, prepared);
    }
  }

  @Test
  void indexOfAnotherBundle_isRefused() throws IOException {
    Path corpus = Files.createDirectory(temporary.resolve("corpus"));
    Path out = temporary.resolve("index");
    try (Bundle bundle = Bundle.open(TinyBundle.copyTo(temporary))) {
      index(bundle, corpus, out);
    }
    BundleStamp other = new BundleStamp("other", "1.0.0", "0".repeat(64));
    assertThrows(IndexException.class, () -> LuceneBackend.open(out, other));
  }

  private static Pixels read(Path file) throws IOException {
    if (ImageReader.read(file, ImageLimits.DEFAULT) instanceof ReadResult.Decoded(Pixels p, _)) {
      return p;
    }
    throw new IOException("not decoded: " + file);
  }
}
