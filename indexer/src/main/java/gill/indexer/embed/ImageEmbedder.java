package gill.indexer.embed;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.Pixels;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CorpusView;
import gill.indexer.flow.Embedding;
import java.util.List;

/// Turns pictures into the vectors an index holds.
public interface ImageEmbedder {
  BundleStamp bundle();

  int clipDimension();

  int gillDimension();

  /// The picture as small as the encoder wants it, so that few bytes wait between the stages. Safe
  /// for use by many threads.
  Pixels prepare(Pixels picture);

  /// One embedding per picture, in order. Called by one thread at a time.
  List<Embedding> embed(List<Pixels> pictures);

  /// The fit of a finished index's relevance, as far as it takes seconds; `former` is what the
  /// index has. An embedder that reads no texts leaves it as it is.
  default IndexCalibration calibrated(CorpusView index, IndexCalibration former) {
    return former;
  }
}
