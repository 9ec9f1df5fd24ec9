package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// The [MatchSample] of a Lucene index as it changes. What was found in a segment is kept until the
/// segment changes, so that a small change costs little. Safe for use by many threads.
final class LuceneSample {
  private record Place(long hash, String id) {
    static final Comparator<Place> ORDER =
        ((Comparator<Place>) (a, b) -> Long.compareUnsigned(a.hash, b.hash))
            .thenComparing(Place::id);
  }

  private record Of(IndexReader reader, MatchSample sample) {}

  private final Map<IndexReader.CacheKey, List<Place>> segments = new ConcurrentHashMap<>();
  private volatile @Nullable Of latest;

  MatchSample of(IndexSearcher searcher) throws IOException {
    IndexReader reader = searcher.getIndexReader();
    Of known = latest;
    if (known != null && known.reader() == reader) {
      return known.sample();
    }
    List<Place> all = new ArrayList<>();
    Set<IndexReader.CacheKey> present = new HashSet<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      IndexReader.CacheKey key =
          Objects.requireNonNull(leaf.reader().getReaderCacheHelper()).getKey();
      List<Place> lowest = segments.get(key);
      if (lowest == null) {
        lowest = lowest(leaf, MatchSample.SIZE);
        segments.put(key, lowest);
      }
      all.addAll(lowest);
      present.add(key);
    }
    segments.keySet().retainAll(present);
    all.sort(Place.ORDER);
    List<ImageId> ids = ids(all, MatchSample.SIZE);
    Map<VectorField, List<UnitVector>> vectors = new EnumMap<>(VectorField.class);
    SortedMap<Integer, ImageId> documents = ImageDocuments.of(searcher, ids);
    for (VectorField field : VectorField.values()) {
      Map<ImageId, UnitVector> found = ImageDocuments.vectors(searcher, field, documents);
      vectors.put(field, ids.stream().map(id -> Objects.requireNonNull(found.get(id))).toList());
    }
    MatchSample sample = new MatchSample(vectors);
    latest = new Of(reader, sample);
    return sample;
  }

  /// The ids of the lowest hashes, lowest first.
  static List<ImageId> ids(IndexSearcher searcher, int limit) throws IOException {
    List<Place> all = new ArrayList<>();
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      all.addAll(lowest(leaf, limit));
    }
    all.sort(Place.ORDER);
    return ids(all, limit);
  }

  private static List<ImageId> ids(List<Place> ordered, int limit) {
    return ordered.stream().limit(limit).map(place -> new ImageId(place.id())).toList();
  }

  private static List<Place> lowest(LeafReaderContext leaf, int limit) throws IOException {
    SortedDocValues ids = DocValues.getSorted(leaf.reader(), IndexFormat.ID);
    Bits live = leaf.reader().getLiveDocs();
    PriorityQueue<Place> highestFirst = new PriorityQueue<>(Place.ORDER.reversed());
    for (int doc = ids.nextDoc(); doc < leaf.reader().maxDoc(); doc = ids.nextDoc()) {
      if (live != null && !live.get(doc)) {
        continue;
      }
      BytesRef id = ids.lookupOrd(ids.ordValue());
      long hash = MatchSample.hash(id);
      Place highest = highestFirst.peek();
      if (highest != null
          && highestFirst.size() == limit
          && Long.compareUnsigned(hash, highest.hash()) > 0) {
        continue;
      }
      highestFirst.add(new Place(hash, id.utf8ToString()));
      if (highestFirst.size() > limit) {
        highestFirst.remove();
      }
    }
    return List.copyOf(highestFirst);
  }
}
