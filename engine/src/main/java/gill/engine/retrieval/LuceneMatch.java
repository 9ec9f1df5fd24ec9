package gill.engine.retrieval;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.flow.UnitVector;
import java.io.IOException;
import java.util.Map;
import org.apache.lucene.search.IndexSearcher;

/// How the hits of a Lucene index are read: against its sample, by its own curves or the bundle's.
///
/// @param calibration what of the index's fit holds under the bundle
record LuceneMatch(LuceneSample sample, IndexCalibration calibration, Relevance bundle) {
  static LuceneMatch of(Map<String, String> commitData, Relevance bundle) {
    return new LuceneMatch(
        new LuceneSample(), bundle.valid(CalibrationData.read(commitData)), bundle);
  }

  /// After a commit.
  LuceneMatch with(Map<String, String> commitData) {
    return new LuceneMatch(sample, bundle.valid(CalibrationData.read(commitData)), bundle);
  }

  MatchScale scale(IndexSearcher searcher, QueryKind kind, UnitVector query) throws IOException {
    return sample.of(searcher).scale(kind, query, calibration, bundle);
  }
}
