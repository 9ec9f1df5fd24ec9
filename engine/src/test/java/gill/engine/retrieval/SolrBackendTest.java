package gill.engine.retrieval;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/// The backends' contract on a SolrCloud of two nodes, two shards.
@Tag("cluster")
@ExtendWith(SharedSolr.class)
class SolrBackendTest extends SearchBackendContract {
  private final SolrCollectionPair pair;

  SolrBackendTest(SolrCollectionPair pair) {
    this.pair = pair;
  }

  @Override
  SearchBackend backend(List<IndexedImage> rows) {
    return pair.backend(rows);
  }
}
