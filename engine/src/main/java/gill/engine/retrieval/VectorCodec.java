package gill.engine.retrieval;

import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;

/// Lucene's codec with vectors in a [VectorFormat].
///
/// A bulk build first writes plain vectors without a graph, which nobody searches; after [#finish]
/// segments get short vectors and graph. So each vector goes into a graph once, and all cores build
/// it.
final class VectorCodec extends Lucene104Codec {
  /// No segment is expected to need so many comparisons without a graph.
  private static final int NEVER = Integer.MAX_VALUE;

  private final KnnVectorsFormat finished;
  private volatile KnnVectorsFormat present;

  private VectorCodec(KnnVectorsFormat present, KnnVectorsFormat finished) {
    this.present = present;
    this.finished = finished;
  }

  /// Every segment is as it shall be searched.
  static VectorCodec finished(VectorFormat format, VectorFormat.Graph graph) {
    KnnVectorsFormat vectors = format.lucene(graph, workers());
    return new VectorCodec(vectors, vectors);
  }

  /// Segments are unfinished until [#finish]; goes with [BulkMerges].
  static VectorCodec bulk(VectorFormat format, VectorFormat.Graph graph) {
    return new VectorCodec(
        new Lucene99HnswVectorsFormat(graph.connections(), graph.breadth(), 1, null, NEVER),
        format.lucene(graph, workers()));
  }

  static int workers() {
    return Runtime.getRuntime().availableProcessors();
  }

  void finish() {
    present = finished;
  }

  @Override
  public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
    return present;
  }
}
