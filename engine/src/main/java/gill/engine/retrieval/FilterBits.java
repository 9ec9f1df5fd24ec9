package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.FixedBitSet;
import org.jspecify.annotations.Nullable;

/// Which documents pass a filter, segment by segment. Filters come again and again, so what one
/// lets pass is kept, the most recently asked ones in [#MOST_BYTES]. Safe for use by many threads.
final class FilterBits {
  private static final long MOST_BYTES = 32L << 20;

  /// Of one segment.
  ///
  /// @param bits of the live documents that pass; null = every document of the segment does. Not to
  ///   be changed
  /// @param count of them
  /// @param all documents of the segment
  record Passing(@Nullable FixedBitSet bits, int count, int all) {
    double share() {
      return count / (double) all;
    }

    AcceptDocs accepted() {
      return bits == null
          ? AcceptDocs.fromLiveDocs(null, all)
          : AcceptDocs.fromIteratorSupplier(() -> new BitSetIterator(bits, count), null, all);
    }

    DocIdSetIterator documents() {
      return bits == null ? DocIdSetIterator.all(all) : new BitSetIterator(bits, count);
    }

    private Passing without(Collection<Integer> documents) {
      FixedBitSet fewer = bits == null ? new FixedBitSet(all) : bits.clone();
      if (bits == null) {
        fewer.set(0, all);
      }
      documents.forEach(fewer::clear);
      return new Passing(fewer, fewer.cardinality(), all);
    }

    private long bytes() {
      return bits == null ? 0 : bits.ramBytesUsed();
    }
  }

  private record Key(IndexReader.CacheKey segment, Filter filter) {}

  private final Map<Key, Passing> recent = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /// Of each segment, in the order of the leaves.
  List<Passing> of(IndexSearcher searcher, Filter filter, Set<ImageId> excluded)
      throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    List<Passing> all = new ArrayList<>(leaves.size());
    for (LeafReaderContext leaf : leaves) {
      all.add(of(searcher, leaf, filter));
    }
    if (excluded.isEmpty()) {
      return all;
    }
    Set<Integer> documents = ImageDocuments.of(searcher, excluded).keySet();
    for (int i = 0; i < all.size(); i++) {
      int base = leaves.get(i).docBase;
      int end = base + all.get(i).all();
      List<Integer> here =
          documents.stream().filter(it -> it >= base && it < end).map(it -> it - base).toList();
      all.set(i, here.isEmpty() ? all.get(i) : all.get(i).without(here));
    }
    return all;
  }

  private Passing of(IndexSearcher searcher, LeafReaderContext leaf, Filter filter)
      throws IOException {
    int all = leaf.reader().maxDoc();
    if (filter.equals(Filter.ALL) && !leaf.reader().hasDeletions()) {
      return new Passing(null, all, all);
    }
    Key key =
        new Key(Objects.requireNonNull(leaf.reader().getReaderCacheHelper()).getKey(), filter);
    Passing known = known(key);
    if (known != null) {
      return known;
    }
    FixedBitSet bits = new FixedBitSet(all);
    FilterQueries.visit(
        searcher, leaf, FilterQueries.of(filter, Set.of()), (_, documents) -> bits.or(documents));
    Passing passing = new Passing(bits, bits.cardinality(), all);
    keep(key, passing);
    return passing;
  }

  private synchronized @Nullable Passing known(Key key) {
    return recent.get(key);
  }

  private synchronized void keep(Key key, Passing passing) {
    Passing before = recent.put(key, passing);
    bytes += passing.bytes() - (before == null ? 0 : before.bytes());
    Iterator<Passing> oldestFirst = recent.values().iterator();
    while (bytes > MOST_BYTES) {
      bytes -= oldestFirst.next().bytes();
      oldestFirst.remove();
    }
  }
}
