package gill.engine.retrieval;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whole searches on a SolrCloud of two nodes, two shards: filters, facets, hybrids, sorting,
/// pages.
@Tag("cluster")
@ExtendWith(SharedSolr.class)
class SolrCorpusSearchTest extends CorpusSearchContract {
  private final SolrCollectionPair pair;

  SolrCorpusSearchTest(SolrCollectionPair pair) {
    this.pair = pair;
  }

  @Override
  SearchBackend backend(List<IndexedImage> rows) {
    return pair.backend(rows);
  }
}
