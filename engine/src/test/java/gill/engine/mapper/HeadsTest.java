package gill.engine.mapper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.flow.ImgSpan;
import gill.engine.flow.Matrix;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.SafeTensors;
import gill.engine.testing.TinyBundle;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeadsTest {
  private Bundle bundle;
  private Map<String, FloatTensor> golden;

  @BeforeAll
  void open(@TempDir Path folder) {
    bundle = Bundle.open(TinyBundle.copyTo(folder));
    golden = SafeTensors.read(bundle.file("golden/tiny.safetensors"));
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  private ImgSpan span() {
    return new ImgSpan(0, golden("hidden_states").toMatrix());
  }

  private FloatTensor golden(String name) {
    FloatTensor tensor = golden.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(name);
    }
    return tensor;
  }

  @Test
  void query_goldenSpan_givesTheGoldenQuery() {
    assertArrayEquals(
        golden("query_embeds").data(), new RetrievalHead(bundle).query(span()).toArray(), 1e-5f);
  }

  @Test
  void map_goldenSpan_givesTheGoldenConditioning() {
    Matrix states = new GenerationHead(bundle).map(span()).states();
    assertEquals(bundle.manifest().gill().conditioningLength(), states.rows());
    assertEquals(bundle.manifest().gill().conditioningDim(), states.columns());
    assertArrayEquals(golden("conditioning").data(), states.toArray(), 1e-4f);
  }

  @Test
  void imageEmbedding_pooledOutput_livesInTheQuerysSpace() {
    float[] pooled = new float[bundle.manifest().vision().pooledDim()];
    pooled[0] = 1;
    assertEquals(
        bundle.manifest().gill().retrievalDim(),
        new RetrievalHead(bundle).imageEmbedding(pooled).dimension());
  }
}
