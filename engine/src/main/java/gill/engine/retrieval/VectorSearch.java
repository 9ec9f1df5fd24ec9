package gill.engine.retrieval;

import static org.apache.lucene.search.DocIdSetIterator.NO_MORE_DOCS;

import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;

/// Nearest neighbours in two steps: the graph finds more candidates than are wanted, and their
/// exact cosines put them in order. Where the candidates would be most of the index, all images are
/// compared instead.
final class VectorSearch {
  /// @param exactUpTo an index of at most so many images is compared image by image
  /// @param oversampling candidates asked of the graph per image wanted
  /// @param minimumCandidates at least so many are asked for
  record Options(int exactUpTo, int oversampling, int minimumCandidates) {
    static final Options DEFAULT = new Options(1000, 5, 200);
  }

  /// @param document of the searcher's reader
  record Scored(int document, String id, double cosine) {
    /// Best first, ties by id.
    static final Comparator<Scored> ORDER =
        Comparator.comparingDouble(Scored::cosine).reversed().thenComparing(Scored::id);
  }

  private final Options options;

  VectorSearch(Options options) {
    this.options = options;
  }

  List<Scored> search(IndexSearcher searcher, RetrievalQuery query) throws IOException {
    int size = searcher.getIndexReader().numDocs();
    Query wanted = FilterQueries.of(query.filter(), query.excluded());
    long candidates =
        Math.max((long) query.limit() * options.oversampling, options.minimumCandidates);
    if (size <= options.exactUpTo || candidates >= size / 4) {
      return compareAll(searcher, query, wanted);
    }
    String field = IndexFormat.field(query.field());
    float[] vector = query.vector().toArray();
    ScoreDoc[] found =
        searcher.search(
                new KnnFloatVectorQuery(field, vector, (int) candidates, wanted), (int) candidates)
            .scoreDocs;
    int[] documents = Arrays.stream(found).mapToInt(hit -> hit.doc).sorted().toArray();
    Best best = new Best(query.limit());
    int next = 0;
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    while (next < documents.length) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(documents[next], leaves));
      int end = leaf.docBase + leaf.reader().maxDoc();
      Comparison comparison = new Comparison(leaf, field, vector);
      for (; next < documents.length && documents[next] < end; next++) {
        best.offer(comparison, documents[next] - leaf.docBase);
      }
    }
    return best.inOrder();
  }

  private static List<Scored> compareAll(IndexSearcher searcher, RetrievalQuery query, Query wanted)
      throws IOException {
    String field = IndexFormat.field(query.field());
    float[] vector = query.vector().toArray();
    Best best = new Best(query.limit());
    FilterQueries.visit(
        searcher,
        wanted,
        (leaf, documents) -> {
          Comparison comparison = new Comparison(leaf, field, vector);
          for (int doc = documents.nextDoc(); doc < NO_MORE_DOCS; doc = documents.nextDoc()) {
            best.offer(comparison, doc);
          }
        });
    return best.inOrder();
  }

  /// The vectors of these images, by id.
  static Map<ImageId, UnitVector> vectors(
      IndexSearcher searcher, VectorField field, Collection<ImageId> images) throws IOException {
    Map<ImageId, UnitVector> vectors = new HashMap<>();
    List<String> ids = images.stream().map(ImageId::value).toList();
    FilterQueries.visit(
        searcher,
        FilterQueries.in(IndexFormat.ID, ids),
        (leaf, documents) -> {
          Comparison rows = new Comparison(leaf, IndexFormat.field(field), new float[0]);
          for (int doc = documents.nextDoc(); doc < NO_MORE_DOCS; doc = documents.nextDoc()) {
            vectors.put(new ImageId(rows.id(doc)), UnitVector.of(rows.vector(doc)));
          }
        });
    return vectors;
  }

  /// Vectors and ids of one segment; documents must be asked for in ascending order.
  private static final class Comparison {
    private final int base;
    private final float[] query;
    private final FloatVectorValues vectors;
    private final KnnVectorValues.DocIndexIterator positions;
    private final SortedDocValues ids;

    Comparison(LeafReaderContext leaf, String field, float[] query) throws IOException {
      this.base = leaf.docBase;
      this.query = query;
      FloatVectorValues values = leaf.reader().getFloatVectorValues(field);
      if (values == null) {
        throw new IOException("a segment has no '" + field + "' vectors");
      }
      this.vectors = values;
      this.positions = values.iterator();
      this.ids = DocValues.getSorted(leaf.reader(), IndexFormat.ID);
    }

    String id(int document) throws IOException {
      if (ids.docID() != document && !ids.advanceExact(document)) {
        throw new IOException("document " + document + " has no id");
      }
      return ids.lookupOrd(ids.ordValue()).utf8ToString();
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

    double cosine(int document) throws IOException {
      float[] vector = vector(document);
      // Doubles in fixed order: equal vectors get equal cosines, so that ties are ties.
      double dot = 0;
      for (int i = 0; i < vector.length; i++) {
        dot += (double) vector[i] * query[i];
      }
      return Math.clamp(dot, -1.0, 1.0);
    }
  }

  /// Keeps the best `limit` of what is offered.
  private static final class Best {
    private final int limit;
    private final PriorityQueue<Scored> worstFirst = new PriorityQueue<>(Scored.ORDER.reversed());

    Best(int limit) {
      this.limit = limit;
    }

    void offer(Comparison comparison, int document) throws IOException {
      double cosine = comparison.cosine(document);
      Scored worst = worstFirst.peek();
      if (worst != null && worstFirst.size() == limit && cosine < worst.cosine()) {
        return;
      }
      worstFirst.add(new Scored(comparison.base + document, comparison.id(document), cosine));
      if (worstFirst.size() > limit) {
        worstFirst.remove();
      }
    }

    List<Scored> inOrder() {
      List<Scored> best = new ArrayList<>(worstFirst);
      best.sort(Scored.ORDER);
      return best;
    }
  }
}
