package gill.engine.retrieval;

import static org.apache.lucene.search.DocIdSetIterator.NO_MORE_DOCS;

import gill.engine.flow.Effort;
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
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.DocAndFloatFeatureBuffer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnCollector;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.search.VectorScorer;
import org.apache.lucene.util.hnsw.HnswGraphSearcher;

/// Nearest neighbours in two steps: the graph finds more candidates than are wanted, by the short
/// vectors of the index's [VectorFormat], and the exact cosines of the best of them put them in
/// order. Where the candidates would be most of the index, all images are compared instead.
final class VectorSearch {
  /// @param exactUpTo an index of at most so many images is compared image by image
  /// @param perHit candidates asked of the graph per image wanted, unless the search says otherwise
  /// @param minimumCandidates at least so many are asked for then
  record Options(int exactUpTo, int perHit, int minimumCandidates) {
    static final Options DEFAULT = new Options(1000, 2, 200);
  }

  /// @param document of the searcher's reader
  record Scored(int document, String id, double cosine) {
    /// Best first, ties by id.
    static final Comparator<Scored> ORDER =
        Comparator.comparingDouble(Scored::cosine).reversed().thenComparing(Scored::id);
  }

  /// @param visited vectors that were compared, short or full
  record Found(List<Scored> bestFirst, long visited) {}

  /// Comparing one image after another costs less than finding one's way in a graph.
  private static final int SCANNED_PER_VISITED = 2;

  private final Options options;
  private final FilterBits filters = new FilterBits();

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
    if (size <= options.exactUpTo || compared >= size) {
      return compareAll(searcher, query);
    }
    String field = IndexFormat.field(query.field());
    float[] vector = query.vector().toArray();
    TopDocs near = near(searcher, query, vector, (int) candidates, (int) compared);
    ScoreDoc[] found = near.scoreDocs;
    int[] documents =
        Arrays.stream(found).limit(compared).mapToInt(hit -> hit.doc).sorted().toArray();
    Best best = new Best(query.limit());
    compare(searcher, documents, field, vector, best);
    return new Found(best.inOrder(searcher), near.totalHits.value() + documents.length);
  }

  /// By the vectors that the graph has: of each segment its candidates, by the graph or, where
  /// fewer images pass than the graph would visit, by comparing them all.
  private TopDocs near(
      IndexSearcher searcher, RetrievalQuery query, float[] vector, int candidates, int compared)
      throws IOException {
    String field = IndexFormat.field(query.field());
    List<FilterBits.Passing> passing = filters.of(searcher, query.filter(), query.excluded());
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    List<TopDocs> each = new ArrayList<>();
    for (int i = 0; i < leaves.size(); i++) {
      FilterBits.Passing here = passing.get(i);
      if (here.count() == 0) {
        continue;
      }
      LeafReaderContext leaf = leaves.get(i);
      boolean scan = here.count() <= SCANNED_PER_VISITED * visited(candidates, here);
      KnnCollector best =
          new TopKnnCollector(
              Math.min(scan ? compared : candidates, here.count()), Integer.MAX_VALUE);
      if (scan) {
        scan(leaf, field, vector, here.documents(), best);
      } else {
        leaf.reader().searchNearestVectors(field, vector, best, here.accepted());
      }
      TopDocs found = best.topDocs();
      for (ScoreDoc hit : found.scoreDocs) {
        hit.doc += leaf.docBase;
      }
      each.add(found);
    }
    return each.size() == 1
        ? each.getFirst()
        : TopDocs.merge(candidates, each.toArray(TopDocs[]::new));
  }

  /// How many vectors the graph would compare; under a filter it has to look further (measured: 1.5
  /// times as many where half pass, 4.6 times at a tenth, 34 at a hundredth).
  private static double visited(int candidates, FilterBits.Passing passing) {
    double share = passing.count() / (double) passing.all();
    return HnswGraphSearcher.expectedVisitedNodes(candidates, passing.all()) / Math.pow(share, 0.7);
  }

  private static void scan(
      LeafReaderContext leaf,
      String field,
      float[] vector,
      DocIdSetIterator documents,
      KnnCollector best)
      throws IOException {
    VectorScorer scorer = values(leaf, field).scorer(vector);
    VectorScorer.Bulk bulk = scorer.bulk(documents);
    DocAndFloatFeatureBuffer buffer = new DocAndFloatFeatureBuffer();
    while (true) {
      float most = bulk.nextDocsAndScores(NO_MORE_DOCS, null, buffer);
      if (buffer.size == 0) {
        return;
      }
      best.incVisitedCount(buffer.size);
      if (most > best.minCompetitiveSimilarity()) {
        for (int i = 0; i < buffer.size; i++) {
          best.collect(buffer.docs[i], buffer.features[i]);
        }
      }
    }
  }

  private static FloatVectorValues values(LeafReaderContext leaf, String field) throws IOException {
    FloatVectorValues values = leaf.reader().getFloatVectorValues(field);
    if (values == null) {
      throw new IOException("a segment has no '" + field + "' vectors");
    }
    return values;
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

  /// Where these images are, in the order of the documents; those that are not there are left out.
  static SortedMap<Integer, ImageId> documents(IndexSearcher searcher, Collection<ImageId> images)
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
    Comparison rows = null;
    LeafReaderContext leaf = null;
    for (var it : documents.entrySet()) {
      int document = it.getKey();
      if (leaf == null || rows == null || document >= end) {
        leaf = leaves.get(ReaderUtil.subIndex(document, leaves));
        end = leaf.docBase + leaf.reader().maxDoc();
        rows = new Comparison(leaf, IndexFormat.field(field), new float[0]);
      }
      vectors.put(it.getValue(), UnitVector.of(rows.vector(document - leaf.docBase)));
    }
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
      this.vectors = values(leaf, field);
      this.positions = vectors.iterator();
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
