package gill.engine.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest;
import gill.engine.testing.TinyBundle;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncodersTest {
  private Bundle bundle;
  private VisualEncoder pictures;
  private TextEncoder texts;

  @BeforeAll
  void open(@TempDir Path folder) {
    bundle = Bundle.open(TinyBundle.copyTo(folder));
    pictures = new VisualEncoder(bundle);
    texts = new TextEncoder(bundle);
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  private static List<Pixels> some() {
    return PillowGolden.pictures().stream().map(PillowGolden.Picture::decoded).limit(5).toList();
  }

  @Test
  void pooled_batch_isThatOfEachPicture() {
    List<float[]> together = pictures.pooled(some());
    for (int i = 0; i < together.size(); i++) {
      assertArrayEquals(pictures.pooled(some().get(i)), together.get(i), 1e-5f);
    }
    assertEquals(List.of(), pictures.pooled(List.<Pixels>of()));
  }

  @Test
  void outputs_haveTheManifestsSizes() {
    BundleManifest manifest = bundle.manifest();
    float[] pooled = pictures.pooled(some().getFirst());
    assertEquals(manifest.vision().pooledDim(), pooled.length);
    assertEquals(manifest.vision().embedDim(), pictures.clipEmbedding(pooled).dimension());
    Matrix tokens = pictures.visualTokens(pooled);
    assertEquals(manifest.gill().numVisualTokens(), tokens.rows());
    assertEquals(manifest.languageModel().hiddenSize(), tokens.columns());
    assertEquals(manifest.text().embedDim(), texts.embed("a red fox").dimension());
    Matrix states = texts.conditioning("a red fox").states();
    assertEquals(manifest.gill().conditioningLength(), states.rows());
    assertEquals(manifest.gill().conditioningDim(), states.columns());
  }

  @Test
  void embed_textLongerThanTheTower_isCut() {
    String words = "red fox ".repeat(500);
    assertEquals(texts.embed(words), texts.embed(words + "blue"));
    assertNotEquals(texts.embed("red fox"), texts.embed("red"));
  }

  @Test
  void embed_emptyText_hasADirection() {
    assertEquals(bundle.manifest().text().embedDim(), texts.embed("").dimension());
  }
}
