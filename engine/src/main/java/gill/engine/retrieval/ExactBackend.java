package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
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
  private volatile boolean closed;

  private ExactBackend(IndexHeader header, Collection<IndexedImage> rows) {
    this.header = header;
    for (IndexedImage row : rows) {
      for (VectorField field : VectorField.values()) {
        ImageIndexWriter.requireDimension(header, field, row.vector(field));
      }
      images.put(row.image().id(), row);
    }
    this.words = new WordScores(images.values().stream().map(IndexedImage::image).toList());
  }

  /// Of images in heap; of two with one id the latter counts.
  public static ExactBackend of(IndexHeader header, Collection<IndexedImage> rows) {
    return new ExactBackend(header, rows);
  }

  /// Reads a whole index into the heap. Throws [IndexException] as [LuceneBackend#open] does.
  public static ExactBackend open(Path index, BundleStamp bundle) {
    IndexHeader header;
    try (LuceneBackend lucene = LuceneBackend.open(index, bundle)) {
      header = lucene.header();
    }
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      List<IndexedImage> rows = new ArrayList<>();
      IndexRows.forEach(reader, rows::add);
      return new ExactBackend(header, rows);
    } catch (IOException e) {
      throw new IndexException("cannot read the index " + index + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Hits search(RetrievalQuery query) {
    requireOpen();
    ImageIndexWriter.requireDimension(header, query.field(), query.vector());
    return new Hits(
        images.values().stream()
            .filter(row -> wanted(row.image(), query.filter(), query.excluded()))
            .map(row -> new Hit(row.image(), query.vector().cosine(row.vector(query.field()))))
            .sorted(ORDER)
            .limit(query.limit())
            .toList());
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
