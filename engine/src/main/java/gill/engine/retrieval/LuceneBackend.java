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
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.StandardDirectoryReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.StringHelper;
import org.jspecify.annotations.Nullable;

/// Search in an index folder that [ImageIndexWriter] wrote. Holds memory-mapped files until it is
/// closed; searches that run meanwhile still end well.
public final class LuceneBackend implements SearchBackend {
  /// Checksums of an index up to this size are verified on opening (about 0.1 s); a larger one is
  /// checked by [#verify].
  private static final long VERIFIED_ON_OPENING = 256L << 20;

  private final Path index;
  private final Directory directory;
  private final SearcherManager searchers;
  private final Analyzer analyzer = TextAnalysis.analyzer();
  private final VectorSearch vectors = new VectorSearch(VectorSearch.Options.DEFAULT);
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile IndexHeader header;

  private LuceneBackend(
      Path index, IndexHeader header, Directory directory, SearcherManager searchers) {
    this.index = index;
    this.header = header;
    this.directory = directory;
    this.searchers = searchers;
  }

  /// Opens an index for a bundle. Throws [IndexException] if it is missing, broken, of another
  /// format, or made by another bundle.
  public static LuceneBackend open(Path index, BundleStamp bundle) {
    requireFolder(index);
    try {
      Directory directory = FSDirectory.open(index);
      try {
        DirectoryReader reader = DirectoryReader.open(directory);
        try {
          IndexHeader header = IndexFormat.header(index, reader.getIndexCommit().getUserData());
          requireSameBundle(index, header.bundle(), bundle);
          if (bytes(directory) <= VERIFIED_ON_OPENING) {
            verify(reader);
          }
          return new LuceneBackend(
              index, header, directory, new SearcherManager(reader, new SameBundle(index, bundle)));
        } catch (IOException | RuntimeException e) {
          reader.close();
          throw e;
        }
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(index, e);
    }
  }

  /// Searches what `writer` has written, committed or not. Closing it leaves the writer open.
  static LuceneBackend following(Path index, BundleStamp bundle, ImageIndexWriter writer) {
    try {
      Directory directory = FSDirectory.open(index);
      try {
        return new LuceneBackend(
            index,
            writer.header(),
            directory,
            new SearcherManager(writer.lucene(), new SameBundle(index, bundle)));
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(index, e);
    }
  }

  /// Reads who made an index, without a bundle at hand.
  public static IndexHeader readHeader(Path index) {
    requireFolder(index);
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      return IndexFormat.header(index, reader.getIndexCommit().getUserData());
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(index, e);
    }
  }

  private static void requireFolder(Path index) {
    if (!Files.isDirectory(index)) {
      throw new IndexException(
          "there is no index folder "
              + index.toAbsolutePath()
              + ". Make one: ./gill index <folder or manifest.jsonl> --out "
              + index);
    }
  }

  static void requireSameBundle(Path index, BundleStamp maker, BundleStamp bundle) {
    if (!maker.fingerprint().equals(bundle.fingerprint())) {
      throw new IndexException(
          "the index "
              + index
              + " was made by the bundle "
              + maker
              + ", but the bundle is "
              + bundle
              + ": their vectors do not compare. "
              + IndexFormat.again(index)
              + ", or open it with the bundle that made it");
    }
  }

  private static IndexException unreadable(Path index, Exception e) {
    return switch (e) {
      case IndexNotFoundException _ ->
          new IndexException(
              "the folder "
                  + index
                  + " holds no index, or one whose making was broken off. "
                  + IndexFormat.again(index),
              e);
      case IndexFormatTooOldException _, IndexFormatTooNewException _ ->
          new IndexException(
              "the index "
                  + index
                  + " was written by another version of Lucene. "
                  + IndexFormat.again(index),
              e);
      case NoSuchFileException missing ->
          new IndexException(
              "the index "
                  + index
                  + " is damaged: "
                  + missing.getFile()
                  + " is missing. "
                  + IndexFormat.again(index),
              e);
      default ->
          new IndexException(
              "the index "
                  + index
                  + " is damaged: "
                  + e.getMessage()
                  + ". "
                  + IndexFormat.again(index),
              e);
    };
  }

  private static long bytes(Directory directory) throws IOException {
    long bytes = 0;
    for (String file : directory.listAll()) {
      bytes += directory.fileLength(file);
    }
    return bytes;
  }

  private static void verify(DirectoryReader reader) throws IOException {
    for (LeafReaderContext leaf : reader.leaves()) {
      leaf.reader().checkIntegrity();
    }
  }

  /// Reads every byte of the index and compares the checksums. Throws [IndexException] at the first
  /// that is wrong.
  public void verify() {
    withSearcher(searcher -> {
      verify((DirectoryReader) searcher.getIndexReader());
      return null;
    });
  }

  @Override
  public Hits search(RetrievalQuery query) {
    ImageIndexWriter.requireDimension(header, query.field(), query.vector());
    return withSearcher(searcher -> {
      List<VectorSearch.Scored> best = vectors.search(searcher, query);
      List<Hit> hits = new ArrayList<>(best.size());
      for (VectorSearch.Scored scored : best) {
        hits.add(new Hit(record(searcher, scored.document()), scored.cosine()));
      }
      return new Hits(hits);
    });
  }

  @Override
  public List<TextHit> searchText(WordQuery query) {
    return withSearcher(searcher -> {
      List<TextHit> hits = new ArrayList<>();
      for (ScoreDoc scored : TextSearch.search(searcher, analyzer, query)) {
        hits.add(new TextHit(record(searcher, scored.doc), scored.score));
      }
      return List.copyOf(hits);
    });
  }

  @Override
  public Map<String, Double> wordScores(String text, ImageId image) {
    return withSearcher(searcher -> {
      OptionalInt document = document(searcher, image);
      return document.isEmpty()
          ? Map.of()
          : TextSearch.scores(searcher, analyzer, text, document.getAsInt());
    });
  }

  @Override
  public Map<ImageId, UnitVector> vectors(VectorField field, Collection<ImageId> images) {
    return withSearcher(searcher -> VectorSearch.vectors(searcher, field, images));
  }

  @Override
  public List<ValueCount> count(String field, Filter filter) {
    FilterFields.requireText(field);
    return withSearcher(searcher -> ValueCounts.of(searcher, field, filter));
  }

  @Override
  public Set<String> filterFields() {
    return withSearcher(searcher -> IndexFormat.filterFields(searcher.getIndexReader()));
  }

  @Override
  public String state() {
    return withSearcher(searcher -> {
      var reader = (StandardDirectoryReader) searcher.getIndexReader();
      return StringHelper.idToString(reader.getSegmentInfos().getId()) + "-" + reader.getVersion();
    });
  }

  @Override
  public Optional<ImageRecord> find(ImageId id) {
    return withSearcher(searcher -> {
      OptionalInt document = document(searcher, id);
      return document.isEmpty()
          ? Optional.empty()
          : Optional.of(record(searcher, document.getAsInt()));
    });
  }

  private static OptionalInt document(IndexSearcher searcher, ImageId id) throws IOException {
    var found = searcher.search(new TermQuery(new Term(IndexFormat.ID, id.value())), 1).scoreDocs;
    return found.length == 0 ? OptionalInt.empty() : OptionalInt.of(found[0].doc);
  }

  private static ImageRecord record(IndexSearcher searcher, int document) throws IOException {
    return IndexFormat.record(searcher.storedFields().document(document));
  }

  @Override
  public int size() {
    return withSearcher(searcher -> searcher.getIndexReader().numDocs());
  }

  @Override
  public IndexHeader header() {
    return header;
  }

  /// Looks for a newer commit of the folder and turns to it; returns whether there was one. A
  /// commit by another bundle is refused with [IndexException] and the present one stays.
  public boolean refresh() {
    try {
      IndexReader before = reader();
      searchers.maybeRefreshBlocking();
      DirectoryReader now = reader();
      header = IndexFormat.header(index, now.getIndexCommit().getUserData());
      return now != before;
    } catch (AlreadyClosedException e) {
      throw isClosed(e);
    } catch (IOException e) {
      throw unreadable(index, e);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try (directory;
          analyzer) {
        searchers.close();
      } catch (IOException e) {
        throw new IndexException("closing the index " + index + ": " + e.getMessage(), e);
      }
    }
  }

  @FunctionalInterface
  private interface Search<T extends @Nullable Object> {
    T run(IndexSearcher searcher) throws IOException;
  }

  private <T extends @Nullable Object> T withSearcher(Search<T> search) {
    try {
      IndexSearcher searcher = searchers.acquire();
      try {
        return search.run(searcher);
      } finally {
        searchers.release(searcher);
      }
    } catch (AlreadyClosedException e) {
      throw isClosed(e);
    } catch (IOException e) {
      throw unreadable(index, e);
    }
  }

  private IllegalStateException isClosed(AlreadyClosedException e) {
    return new IllegalStateException("the index " + index + " is closed", e);
  }

  /// The present reader; tests ask it if it is closed.
  DirectoryReader reader() {
    return withSearcher(searcher -> (DirectoryReader) searcher.getIndexReader());
  }

  /// Lets no commit of another bundle in.
  private static final class SameBundle extends SearcherFactory {
    private final Path index;
    private final BundleStamp bundle;

    SameBundle(Path index, BundleStamp bundle) {
      this.index = index;
      this.bundle = bundle;
    }

    @Override
    public IndexSearcher newSearcher(IndexReader reader, @Nullable IndexReader previous)
        throws IOException {
      var data = ((DirectoryReader) reader).getIndexCommit().getUserData();
      requireSameBundle(index, IndexFormat.header(index, data).bundle(), bundle);
      return super.newSearcher(reader, previous);
    }
  }
}
