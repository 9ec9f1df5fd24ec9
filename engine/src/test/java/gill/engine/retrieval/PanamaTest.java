package gill.engine.retrieval;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.lucene.codecs.hnsw.FlatVectorScorerUtil;
import org.junit.jupiter.api.Test;

class PanamaTest {
  @Test
  void vectorsAreComparedInPlace_byTheVectorModule() {
    String scorer = FlatVectorScorerUtil.getLucene99FlatVectorsScorer().getClass().getSimpleName();
    assertTrue(scorer.contains("MemorySegment"), scorer);
  }

  @Test
  void launcher_switchesTheVectorModuleOn() throws IOException {
    Path launcher = Path.of(System.getProperty("gill.root", "..")).resolve("gill");
    assertTrue(Files.readString(launcher).contains("--add-modules jdk.incubator.vector"));
  }
}
