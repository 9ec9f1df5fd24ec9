package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.StandardDirectoryReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.StringHelper;
import org.jspecify.annotations.Nullable;

/// One state of an index, as one searcher shows it.
///
/// @param searcher open until the view is no longer used
/// @param seen documents of images that the view has ranked, so that none is looked up again
record LuceneView(
    Path index,
    IndexHeader header,
    LuceneMatch match,
    IndexSearcher searcher,
    Analyzer analyzer,
    VectorSearch vectors,
    Map<ImageId, Integer> seen)
    implements CorpusView {
  LuceneView(
      Path index,
      IndexHeader header,
      LuceneMatch match,
      IndexSearcher searcher,
      Analyzer analyzer,
      VectorSearch vectors) {
    this(index, header, match, searcher, analyzer, vectors, new ConcurrentHashMap<>());
  }

  @FunctionalInterface
  private interface Reading<T extends @Nullable Object> {
    T run() throws IOException;
  }

  private <T extends @Nullable Object> T reading(Reading<T> reading) {
    try {
      return reading.run();
    } catch (IOException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  @Override
  public Hits search(RetrievalQuery query) {
    MatchScale scale = scale(query.kind(), query.vector());
    return reading(() -> {
      List<Hit> hits = new ArrayList<>();
      for (ScoredId it : nearest(query)) {
        hits.add(new Hit(record(documentSeen(it.id())), it.score(), scale.pMatch(it.score())));
      }
      return new Hits(hits);
    });
  }

  @Override
  public List<ScoredId> nearest(RetrievalQuery query) {
    IndexFormat.requireDimension(header, query.field(), query.vector());
    return reading(() -> {
      List<ScoredId> best = new ArrayList<>();
      for (VectorSearch.Scored it :
          vectors.search(searcher, query, header.vectorFormat()).bestFirst()) {
        best.add(new ScoredId(see(it.id(), it.document()), it.cosine()));
      }
      return best;
    });
  }

  private ImageId see(String id, int document) {
    ImageId image = new ImageId(id);
    seen.put(image, document);
    return image;
  }

  private int documentSeen(ImageId id) {
    return Objects.requireNonNull(seen.get(id));
  }

  @Override
  public MatchScale scale(QueryKind kind, UnitVector query) {
    IndexFormat.requireDimension(header, kind.field(), query);
    return reading(() -> match.scale(searcher, kind, query));
  }

  @Override
  public IndexCalibration calibration() {
    return match.calibration();
  }

  @Override
  public List<ImageRecord> sample(int limit) {
    return reading(() -> {
      List<ImageRecord> images = new ArrayList<>();
      for (ImageId id : LuceneSample.ids(searcher, limit)) {
        images.add(record(document(id).orElseThrow()));
      }
      return images;
    });
  }

  @Override
  public List<TextHit> searchText(WordQuery query) {
    return reading(() -> {
      List<TextHit> hits = new ArrayList<>();
      for (ScoredId it : worded(query)) {
        hits.add(new TextHit(record(documentSeen(it.id())), it.score()));
      }
      return List.copyOf(hits);
    });
  }

  @Override
  public List<ScoredId> worded(WordQuery query) {
    return reading(() -> {
      List<ScoredId> best = new ArrayList<>();
      for (TextSearch.Scored it : new TextSearch(searcher, analyzer).search(query)) {
        best.add(new ScoredId(see(it.id(), it.document()), it.score()));
      }
      return best;
    });
  }

  @Override
  public Map<ImageId, ImageRecord> records(Collection<ImageId> images) {
    return reading(() -> {
      Map<ImageId, ImageRecord> records = new HashMap<>();
      for (var it : documents(images).entrySet()) {
        records.put(it.getValue(), record(it.getKey()));
      }
      return records;
    });
  }

  /// In the order of the documents, as reading wants it.
  private SortedMap<Integer, ImageId> documents(Collection<ImageId> images) throws IOException {
    SortedMap<Integer, ImageId> documents = new TreeMap<>();
    List<ImageId> unseen = new ArrayList<>();
    for (ImageId image : images) {
      Integer document = seen.get(image);
      if (document == null) {
        unseen.add(image);
      } else {
        documents.put(document, image);
      }
    }
    if (!unseen.isEmpty()) {
      documents.putAll(ImageDocuments.of(searcher, unseen));
    }
    return documents;
  }

  @Override
  public Map<String, Double> wordScores(String text, String language, ImageId image) {
    return reading(() -> {
      OptionalInt document = document(image);
      return document.isEmpty()
          ? Map.of()
          : new TextSearch(searcher, analyzer).scores(text, language, document.getAsInt());
    });
  }

  @Override
  public Map<ImageId, UnitVector> vectors(VectorField field, Collection<ImageId> images) {
    return reading(() -> ImageDocuments.vectors(searcher, field, documents(images)));
  }

  @Override
  public List<ValueCount> count(String field, Filter filter) {
    FilterFields.requireText(field);
    return reading(() -> ValueCounts.of(searcher, field, filter));
  }

  @Override
  public Set<String> filterFields() {
    return IndexFormat.filterFields(searcher.getIndexReader());
  }

  @Override
  public String state() {
    var reader = (StandardDirectoryReader) searcher.getIndexReader();
    return StringHelper.idToString(reader.getSegmentInfos().getId()) + "-" + reader.getVersion();
  }

  @Override
  public Optional<ImageRecord> find(ImageId id) {
    return reading(() -> {
      OptionalInt document = document(id);
      return document.isEmpty() ? Optional.empty() : Optional.of(record(document.getAsInt()));
    });
  }

  private OptionalInt document(ImageId id) throws IOException {
    Integer known = seen.get(id);
    if (known != null) {
      return OptionalInt.of(known);
    }
    var found = searcher.search(new TermQuery(new Term(IndexFormat.ID, id.value())), 1).scoreDocs;
    if (found.length == 0) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(found[0].doc);
  }

  private ImageRecord record(int document) throws IOException {
    return IndexFormat.record(searcher.storedFields().document(document));
  }

  @Override
  public int size() {
    return searcher.getIndexReader().numDocs();
  }
}
