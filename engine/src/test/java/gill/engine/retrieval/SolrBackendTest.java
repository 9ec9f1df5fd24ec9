package gill.engine.retrieval;


import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;

/// The contract on a SolrCloud of two nodes, two shards.
@Tag("cluster")
class SolrBackendTest extends SearchBackendContract {
  @TempDir static Path folder;
  private static @Nullable SolrCollectionPair pair;

  @BeforeAll
  static void start() {
    pair = SolrCollectionPair.start(folder);
  }

  @AfterAll
  static void stop() {
    if (pair != null) {
      pair.close();
    }
  }

  @Override
  SearchBackend backend(List<IndexedImage> rows) {
    return java.util.Objects.requireNonNull(pair).backend(rows);
  }
}
