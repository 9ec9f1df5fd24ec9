package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/// Search that compares every image, all in heap: the reference that other backends are measured
/// against, and enough for a few thousand images.
public final class ExactBackend implements SearchBackend {
  private static final Comparator<Hit> ORDER =
      Comparator.comparingDouble(Hit::score).reversed().thenComparing(Hit::id);

  private final IndexHeader header;
  private final Map<ImageId, IndexedImage> images = new TreeMap<>();
  private final WordScores words;
  private final IndexCalibration calibration;
  private final Relevance bundle;
  private final List<ImageRecord> byHash;
  private final MatchSample sample;
  private volatile boolean closed;

  private ExactBackend(
      IndexHeader header,
      Collection<IndexedImage> rows,
      IndexCalibration calibration,
      Relevance bundle) {
    this.header = header;
    this.calibration = bundle.valid(calibration);
    this.bundle = bundle;
    for (IndexedImage row : rows) {
      for (VectorField field : VectorField.values()) {
        IndexFormat.requireDimension(header, field, row.vector(field));
      }
      images.put(row.image().id(), row);
    }
    this.words = new WordScores(images.values().stream().map(IndexedImage::image).toList());
    this.byHash =
        images.values().stream().map(IndexedImage::image).sorted(ExactBackend::byHash).toList();
    Map<VectorField, List<UnitVector>> vectors = new EnumMap<>(VectorField.class);
    for (VectorField field : VectorField.values()) {
      vectors.put(
          field,
          byHash.stream()
              .limit(MatchSample.SIZE)
              .map(image -> row(image.id()).vector(field))
              .toList());
    }
    this.sample = new MatchSample(vectors);
  }

  private static int byHash(ImageRecord one, ImageRecord other) {
    int order =
        Long.compareUnsigned(
            MatchSample.hash(one.id().value()), MatchSample.hash(other.id().value()));
    return order != 0 ? order : one.id().compareTo(other.id());
  }

  /// Of images in heap; of two with one id the latter counts.
  public static ExactBackend of(IndexHeader header, Collection<IndexedImage> rows) {
    return of(header, rows, IndexCalibration.NONE);
  }

  /// As [#of(IndexHeader, Collection)], with a fit.
  public static ExactBackend of(
      IndexHeader header, Collection<IndexedImage> rows, IndexCalibration calibration) {
    return new ExactBackend(header, rows, calibration, Relevance.UNKNOWN);
  }

  /// Reads a whole index into the heap. Throws [IndexException] as [LuceneBackend#open] does.
  public static ExactBackend open(Path index, BundleStamp bundle) {
    return open(index, bundle, Relevance.UNKNOWN);
  }

  /// As [#open(Path, BundleStamp)], for a bundle that brings its own curves.
  public static ExactBackend open(Path index, BundleStamp bundle, Relevance relevance) {
    IndexHeader header;
    IndexCalibration calibration;
    try (LuceneBackend lucene = LuceneBackend.open(index, bundle, relevance)) {
      header = lucene.header();
      calibration = lucene.calibration();
    }
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      List<IndexedImage> rows = new ArrayList<>();
      IndexRows.forEach(reader, rows::add);
      return new ExactBackend(header, rows, calibration, relevance);
    } catch (IOException e) {
      throw new IndexException("cannot read the index " + index + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Hits search(RetrievalQuery query) {
    requireOpen();
    MatchScale scale = scale(query.kind(), query.vector());
    return new Hits(
        images.values().stream()
            .filter(row -> wanted(row.image(), query.filter(), query.excluded()))
            .map(row -> hit(row, query, scale))
            .sorted(ORDER)
            .limit(query.limit())
            .toList());
  }

  private static Hit hit(IndexedImage row, RetrievalQuery query, MatchScale scale) {
    double cosine = query.vector().cosine(row.vector(query.field()));
    return new Hit(row.image(), cosine, scale.pMatch(cosine));
  }

  @Override
  public MatchScale scale(QueryKind kind, UnitVector query) {
    requireOpen();
    IndexFormat.requireDimension(header, kind.field(), query);
    return sample.scale(kind, query, calibration, bundle);
  }

  @Override
  public IndexCalibration calibration() {
    return calibration;
  }

  @Override
  public List<ImageRecord> sample(int limit) {
    requireOpen();
    return byHash.subList(0, Math.min(limit, byHash.size()));
  }

  private static boolean wanted(ImageRecord image, Filter filter, Set<ImageId> excluded) {
    return !excluded.contains(image.id()) && FilterFields.passes(image, filter);
  }

  @Override
  public List<TextHit> searchText(WordQuery query) {
    requireOpen();
    return words.search(query.text(), query.language()).stream()
        .filter(hit -> wanted(hit.image(), query.filter(), query.excluded()))
        .limit(query.limit())
        .toList();
  }

  @Override
  public Map<String, Double> wordScores(String text, String language, ImageId image) {
    requireOpen();
    return words.scores(text, language, image);
  }

  @Override
  public Map<ImageId, UnitVector> vectors(VectorField field, Collection<ImageId> ids) {
    requireOpen();
    return ids.stream()
        .distinct()
        .filter(images::containsKey)
        .collect(Collectors.toMap(id -> id, id -> row(id).vector(field)));
  }

  private IndexedImage row(ImageId id) {
    return Objects.requireNonNull(images.get(id));
  }

  @Override
  public List<ValueCount> count(String field, Filter filter) {
    FilterFields.requireText(field);
    requireOpen();
    Map<String, Integer> counts = new HashMap<>();
    images.values().stream()
        .map(IndexedImage::image)
        .filter(image -> FilterFields.passes(image, filter))
        .flatMap(image -> FilterFields.texts(image, field).stream())
        .forEach(value -> counts.merge(value, 1, Integer::sum));
    return ValueCounts.inOrder(counts);
  }

  @Override
  public Set<String> filterFields() {
    requireOpen();
    Set<String> fields = FilterFields.fixed();
    images.values().stream()
        .flatMap(row -> row.image().metadata().keySet().stream())
        .map(key -> FilterFields.METADATA + key)
        .forEach(fields::add);
    return fields;
  }

  @Override
  public String state() {
    requireOpen();
    return images.size() + "-" + Integer.toHexString(images.hashCode());
  }

  @Override
  public Optional<ImageRecord> find(ImageId id) {
    requireOpen();
    return Optional.ofNullable(images.get(id)).map(IndexedImage::image);
  }

  @Override
  public int size() {
    requireOpen();
    return images.size();
  }

  @Override
  public IndexHeader header() {
    return header;
  }

  @Override
  public <T> T read(Function<CorpusView, T> questions) {
    requireOpen();
    return questions.apply(this);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the index is closed");
    }
  }
}
