package gill.engine.retrieval;

import static org.apache.lucene.search.DocIdSetIterator.NO_MORE_DOCS;

import gill.engine.flow.Effort;
import gill.engine.flow.RetrievalQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
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

  /// Comparing one image after another costs less than finding one's way in a graph (measured: a
  /// fifth in int4, a seventh in f32; docs/benchmarks.md).
  private static final int SCANNED_PER_VISITED = 5;

  /// Power of the share that passes (measured: docs/benchmarks.md).
  private static final double FEWER_UNDER_FILTER = 0.25;

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
    BestOf best = new BestOf(query.limit());
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
      int wanted = Math.max(query.limit(), underFilter(candidates, here));
      boolean scan = here.count() <= SCANNED_PER_VISITED * visited(wanted, here);
      KnnCollector best =
          new TopKnnCollector(Math.min(scan ? compared : wanted, here.count()), Integer.MAX_VALUE);
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

  /// Under a filter the graph compares more for each candidate, so that fewer of them find as much
  /// as the whole number does without one.
  private static int underFilter(int candidates, FilterBits.Passing passing) {
    return (int) Math.ceil(candidates * Math.pow(passing.share(), FEWER_UNDER_FILTER));
  }

  /// How many vectors the graph would compare; under a filter it has to look further (measured: 1.5
  /// times as many where half pass, 4.6 times at a tenth, 34 at a hundredth).
  private static double visited(int candidates, FilterBits.Passing passing) {
    return HnswGraphSearcher.expectedVisitedNodes(candidates, passing.all())
        / Math.pow(passing.share(), 0.7);
  }

  private static void scan(
      LeafReaderContext leaf,
      String field,
      float[] vector,
      DocIdSetIterator documents,
      KnnCollector best)
      throws IOException {
    VectorScorer scorer = SegmentVectors.values(leaf, field).scorer(vector);
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

  private static void compare(
      IndexSearcher searcher, int[] documents, String field, float[] vector, BestOf best)
      throws IOException {
    int next = 0;
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    while (next < documents.length) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(documents[next], leaves));
      int end = leaf.docBase + leaf.reader().maxDoc();
      SegmentVectors vectors = new SegmentVectors(leaf, field);
      for (; next < documents.length && documents[next] < end; next++) {
        int document = documents[next] - leaf.docBase;
        best.offer(documents[next], vectors.cosine(document, vector));
      }
    }
  }

  private static Found compareAll(IndexSearcher searcher, RetrievalQuery query) throws IOException {
    String field = IndexFormat.field(query.field());
    float[] vector = query.vector().toArray();
    BestOf best = new BestOf(query.limit());
    FilterQueries.visit(
        searcher,
        FilterQueries.of(query.filter(), query.excluded()),
        (leaf, documents) -> {
          SegmentVectors vectors = new SegmentVectors(leaf, field);
          for (int doc = documents.nextDoc(); doc < NO_MORE_DOCS; doc = documents.nextDoc()) {
            best.offer(leaf.docBase + doc, vectors.cosine(doc, vector));
          }
        });
    return new Found(best.inOrder(searcher), best.offered());
  }
}
