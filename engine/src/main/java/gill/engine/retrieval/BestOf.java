package gill.engine.retrieval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.IndexSearcher;

/// Keeps the best `limit` of what is offered, and all that tie with the last of them.
final class BestOf {
  private record Offer(int document, double cosine) {}

  private final int limit;
  private final PriorityQueue<Offer> worstFirst =
      new PriorityQueue<>(Comparator.comparingDouble(Offer::cosine));
  private final List<Offer> ties = new ArrayList<>();
  private long offered;

  BestOf(int limit) {
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
  List<VectorSearch.Scored> inOrder(IndexSearcher searcher) throws IOException {
    List<Offer> kept = new ArrayList<>(worstFirst);
    kept.addAll(ties);
    kept.sort(Comparator.comparingInt(Offer::document));
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    List<VectorSearch.Scored> best = new ArrayList<>(kept.size());
    int at = -1;
    SortedDocValues ids = DocValues.emptySorted();
    for (Offer offer : kept) {
      int leaf = ReaderUtil.subIndex(offer.document(), leaves);
      if (leaf != at) {
        at = leaf;
        ids = DocValues.getSorted(leaves.get(leaf).reader(), IndexFormat.ID);
      }
      String id = ImageDocuments.id(ids, offer.document() - leaves.get(leaf).docBase);
      best.add(new VectorSearch.Scored(offer.document(), id, offer.cosine()));
    }
    best.sort(VectorSearch.Scored.ORDER);
    return List.copyOf(best.subList(0, Math.min(limit, best.size())));
  }
}
