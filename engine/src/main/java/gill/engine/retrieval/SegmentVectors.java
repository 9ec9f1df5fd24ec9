package gill.engine.retrieval;

import static org.apache.lucene.search.DocIdSetIterator.NO_MORE_DOCS;

import java.io.IOException;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReaderContext;

/// The full vectors of one segment; documents must be asked for in ascending order.
final class SegmentVectors {
  private final FloatVectorValues vectors;
  private final KnnVectorValues.DocIndexIterator positions;

  SegmentVectors(LeafReaderContext leaf, String field) throws IOException {
    this.vectors = values(leaf, field);
    this.positions = vectors.iterator();
  }

  static FloatVectorValues values(LeafReaderContext leaf, String field) throws IOException {
    FloatVectorValues values = leaf.reader().getFloatVectorValues(field);
    if (values == null) {
      throw new IOException("a segment has no '" + field + "' vectors");
    }
    return values;
  }

  float[] vector(int document) throws IOException {
    int at = positions.docID();
    if (at < document) {
      at = positions.advance(document);
    }
    if (at != document || at == NO_MORE_DOCS) {
      throw new IOException("document " + document + " has no vector");
    }
    return vectors.vectorValue(positions.index());
  }

  double cosine(int document, float[] query) throws IOException {
    float[] vector = vector(document);
    // Doubles in fixed order: equal vectors get equal cosines, so that ties are ties.
    double dot = 0;
    for (int i = 0; i < vector.length; i++) {
      dot += (double) vector[i] * query[i];
    }
    return Math.clamp(dot, -1.0, 1.0);
  }
}
