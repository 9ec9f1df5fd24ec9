package gill.engine.retrieval;

import static org.apache.lucene.search.DocIdSetIterator.NO_MORE_DOCS;

import gill.engine.flow.ImageId;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.IndexSearcher;

/// From images to their documents and from documents to ids and vectors.
final class ImageDocuments {
  private ImageDocuments() {}

  /// Where these images are, in the order of the documents; those that are not there are left out.
  static SortedMap<Integer, ImageId> of(IndexSearcher searcher, Collection<ImageId> images)
      throws IOException {
    SortedMap<Integer, ImageId> found = new TreeMap<>();
    FilterQueries.visit(
        searcher,
        FilterQueries.in(IndexFormat.ID, images.stream().map(ImageId::value).toList()),
        (leaf, documents) -> {
          SortedDocValues ids = DocValues.getSorted(leaf.reader(), IndexFormat.ID);
          for (int doc = documents.nextDoc(); doc < NO_MORE_DOCS; doc = documents.nextDoc()) {
            found.put(leaf.docBase + doc, new ImageId(id(ids, doc)));
          }
        });
    return found;
  }

  /// The vectors of these documents, by id.
  static Map<ImageId, UnitVector> vectors(
      IndexSearcher searcher, VectorField field, SortedMap<Integer, ImageId> documents)
      throws IOException {
    Map<ImageId, UnitVector> vectors = new HashMap<>();
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    int end = 0;
    SegmentVectors rows = null;
    LeafReaderContext leaf = null;
    for (var it : documents.entrySet()) {
      int document = it.getKey();
      if (leaf == null || rows == null || document >= end) {
        leaf = leaves.get(ReaderUtil.subIndex(document, leaves));
        end = leaf.docBase + leaf.reader().maxDoc();
        rows = new SegmentVectors(leaf, IndexFormat.field(field));
      }
      vectors.put(it.getValue(), UnitVector.of(rows.vector(document - leaf.docBase)));
    }
    return vectors;
  }

  static String id(SortedDocValues ids, int document) throws IOException {
    if (!ids.advanceExact(document)) {
      throw new IOException("document " + document + " has no id");
    }
    return ids.lookupOrd(ids.ordValue()).utf8ToString();
  }
}
