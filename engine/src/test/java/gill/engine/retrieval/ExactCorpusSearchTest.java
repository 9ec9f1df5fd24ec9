package gill.engine.retrieval;

import java.util.List;

class ExactCorpusSearchTest extends CorpusSearchContract {
  @Override
  SearchBackend backend(List<IndexedImage> rows) {
    return ExactBackend.of(SampleRows.HEADER, rows);
  }
}
