package gill.engine.retrieval;

import static org.apache.lucene.search.DocIdSetIterator.NO_MORE_DOCS;

import gill.engine.flow.Effort;
import gill.engine.flow.Filter;
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
import java.util.Objects;
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
import org.apache.lucene.search.TopDocs;

/// Nearest neighbours in two steps: the graph finds more candidates than are wanted, by the short
/// vectors of the index's [VectorFormat], and the exact cosines of the best of them put them in
/// order. Where the candidates would be most of the index, all images are compared instead.
final class VectorSearch {
  /// @param exactUpTo an index of at most so many images is compared image by image
  /// @param perHit candidates asked of the graph per image wanted, unless the search says otherwise
  /// @param minimumCandidates at least so many are asked for then
  record Options(int exactUpTo, int perHit, int minimumCandidates) {
    static final Options DEFAULT = new Options(1000, 5, 200);
  }

  /// @param document of the searcher's reader
  record Scored(int document, String id, double cosine) {
    /// Best first, ties by id.
    static final Comparator<Scored> ORDER =
        Comparator.comparingDouble(Scored::cosine).reversed().thenComparing(Scored::id);
  }

  /// @param visited vectors that were compared, short or full
  record Found(List<Scored> bestFirst, long visited) {}

  private final Options options;

  VectorSearch(Options options) {
    this.options = options;
  }

  /// @param format of the index's vectors
  Found search(IndexSearcher searcher, RetrievalQuery query, VectorFormat format)
      throws IOException {
    int size = searcher.getIndexReader().numDocs();
    Effort effort = query.effort();
    long compared =
        (long) query.limit()
            * (effort.oversample() > 0 ? effort.oversample() : format.oversample());
    long usual = Math.max((long) query.limit() * options.perHit, options.minimumCandidates);
    long candidates = Math.max(effort.ef() > 0 ? effort.ef() : usual, compared);
    if (size <= options.exactUpTo || candidates >= size / 4) {
      return compareAll(searcher, query);
    }
    String field = IndexFormat.field(query.field());
    float[] vector = query.vector().toArray();
    boolean all = query.filter().equals(Filter.ALL) && query.excluded().isEmpty();
    Neighbours graph =
        all
            ? new Neighbours(field, vector, (int) candidates)
            : new Neighbours(
                field,
                vector,
                (int) candidates,
                FilterQueries.of(query.filter(), query.excluded()));
    ScoreDoc[] found = graph.find(searcher);
    int[] documents =
        Arrays.stream(found).limit(compared).mapToInt(hit -> hit.doc).sorted().toArray();
    Best best = new Best(query.limit());
    compare(searcher, documents, field, vector, best);
    return new Found(best.inOrder(searcher), graph.visited() + documents.length);
  }

  private static void compare(
      IndexSearcher searcher, int[] documents, String field, float[] vector, Best best)
      throws IOException {
    int next = 0;
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    while (next < documents.length) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(documents[next], leaves));
      int end = leaf.docBase + leaf.reader().maxDoc();
      Comparison comparison = new Comparison(leaf, field, vector);
      for (; next < documents.length && documents[next] < end; next++) {
        int document = documents[next] - leaf.docBase;
        best.offer(documents[next], comparison.cosine(document));
      }
    }
  }

  private static Found compareAll(IndexSearcher searcher, RetrievalQuery query) throws IOException {
    String field = IndexFormat.field(query.field());
    float[] vector = query.vector().toArray();
    Best best = new Best(query.limit());
    FilterQueries.visit(
        searcher,
        FilterQueries.of(query.filter(), query.excluded()),
        (leaf, documents) -> {
          Comparison comparison = new Comparison(leaf, field, vector);
          for (int doc = documents.nextDoc(); doc < NO_MORE_DOCS; doc = documents.nextDoc()) {
            best.offer(leaf.docBase + doc, comparison.cosine(doc));
          }
        });
    return new Found(best.inOrder(searcher), best.offered());
  }

  /// The search of the graph, without the second pass that Lucene makes to collect its result.
  private static final class Neighbours extends KnnFloatVectorQuery {
    private ScoreDoc[] found = {};
    private long visited;

    Neighbours(String field, float[] vector, int candidates) {
      super(field, vector, candidates);
    }

    Neighbours(String field, float[] vector, int candidates, Query filter) {
      super(field, vector, candidates, filter);
    }

    /// Best first.
    ScoreDoc[] find(IndexSearcher searcher) throws IOException {
      rewrite(searcher);
      return found;
    }

    long visited() {
      return visited;
    }

    @Override
    protected TopDocs mergeLeafResults(TopDocs[] leaves) {
      TopDocs merged = super.mergeLeafResults(leaves);
      found = merged.scoreDocs.clone();
      Arrays.sort(found, Comparator.comparingDouble((ScoreDoc hit) -> -hit.score));
      visited = merged.totalHits.value();
      return merged;
    }
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
          SortedDocValues named = DocValues.getSorted(leaf.reader(), IndexFormat.ID);
          for (int doc = documents.nextDoc(); doc < NO_MORE_DOCS; doc = documents.nextDoc()) {
            vectors.put(new ImageId(id(named, doc)), UnitVector.of(rows.vector(doc)));
          }
        });
    return vectors;
  }

  private static String id(SortedDocValues ids, int document) throws IOException {
    if (!ids.advanceExact(document)) {
      throw new IOException("document " + document + " has no id");
    }
    return ids.lookupOrd(ids.ordValue()).utf8ToString();
  }

  /// Vectors of one segment; documents must be asked for in ascending order.
  private static final class Comparison {
    private final float[] query;
    private final FloatVectorValues vectors;
    private final KnnVectorValues.DocIndexIterator positions;

    Comparison(LeafReaderContext leaf, String field, float[] query) throws IOException {
      this.query = query;
      FloatVectorValues values = leaf.reader().getFloatVectorValues(field);
      if (values == null) {
        throw new IOException("a segment has no '" + field + "' vectors");
      }
      this.vectors = values;
      this.positions = values.iterator();
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

  /// Keeps the best `limit` of what is offered, and all that tie with the last of them.
  private static final class Best {
    private record Offer(int document, double cosine) {}

    private final int limit;
    private final PriorityQueue<Offer> worstFirst =
        new PriorityQueue<>(Comparator.comparingDouble(Offer::cosine));
    private final List<Offer> ties = new ArrayList<>();
    private long offered;

    Best(int limit) {
      this.limit = limit;
    }

    long offered() {
      return offered;
    }

    void offer(int document, double cosine) {
      offered++;
      Offer offer = new Offer(document, cosine);
      Offer worst = worstFirst.peek();
      if (worst == null || worstFirst.size() < limit) {
        worstFirst.add(offer);
      } else if (cosine == worst.cosine()) {
        ties.add(offer);
      } else if (cosine > worst.cosine()) {
        worstFirst.remove();
        worstFirst.add(offer);
        boolean tied = Objects.requireNonNull(worstFirst.peek()).cosine() == worst.cosine();
        if (tied) {
          ties.add(worst);
        } else {
          ties.clear();
        }
      }
    }

    /// Ids are read only now: each costs a look into the index.
    List<Scored> inOrder(IndexSearcher searcher) throws IOException {
      List<Offer> kept = new ArrayList<>(worstFirst);
      kept.addAll(ties);
      kept.sort(Comparator.comparingInt(Offer::document));
      List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
      List<Scored> best = new ArrayList<>(kept.size());
      int at = -1;
      SortedDocValues ids = DocValues.emptySorted();
      for (Offer offer : kept) {
        int leaf = ReaderUtil.subIndex(offer.document(), leaves);
        if (leaf != at) {
          at = leaf;
          ids = DocValues.getSorted(leaves.get(leaf).reader(), IndexFormat.ID);
        }
        String id = id(ids, offer.document() - leaves.get(leaf).docBase);
        best.add(new Scored(offer.document(), id, offer.cosine()));
      }
      best.sort(Scored.ORDER);
      return List.copyOf(best.subList(0, Math.min(limit, best.size())));
    }
  }
}
