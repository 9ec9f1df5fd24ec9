package gill.engine.retrieval;

import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;

/// The rows of an index as they were added.
final class IndexRows {
  private IndexRows() {}

  /// Calls `row` with each image that was not taken out, in the order of the index.
  static void forEach(DirectoryReader reader, Consumer<IndexedImage> row) throws IOException {
    for (LeafReaderContext leaf : reader.leaves()) {
      forEach(leaf.reader(), row);
    }
  }

  private static void forEach(LeafReader leaf, Consumer<IndexedImage> row) throws IOException {
    FloatVectorValues clip = leaf.getFloatVectorValues(IndexFormat.field(VectorField.CLIP));
    FloatVectorValues gill = leaf.getFloatVectorValues(IndexFormat.field(VectorField.GILL));
    if (clip == null || gill == null) {
      throw new IOException("a segment has no vectors");
    }
    var clipAt = clip.iterator();
    var gillAt = gill.iterator();
    var live = leaf.getLiveDocs();
    for (int doc = clipAt.nextDoc(); doc < leaf.maxDoc(); doc = clipAt.nextDoc()) {
      if (gillAt.advance(doc) != doc) {
        throw new IOException("document " + doc + " lacks a vector");
      }
      if (live == null || live.get(doc)) {
        row.accept(
            new IndexedImage(
                IndexFormat.record(leaf.storedFields().document(doc)),
                UnitVector.of(clip.vectorValue(clipAt.index())),
                UnitVector.of(gill.vectorValue(gillAt.index()))));
      }
    }
  }
}
