package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.Relevance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;

/// Search in an index folder that [ImageIndexWriter] wrote. Holds memory-mapped files until it is
/// closed; searches that run meanwhile still end well.
public final class LuceneBackend implements ReadingBackend {
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
  private volatile LuceneMatch match;

  private LuceneBackend(
      Path index,
      IndexHeader header,
      LuceneMatch match,
      Directory directory,
      SearcherManager searchers) {
    this.index = index;
    this.header = header;
    this.match = match;
    this.directory = directory;
    this.searchers = searchers;
  }

  /// Opens an index for a bundle. Throws [IndexException] if it is missing, broken, of another
  /// format, or made by another bundle.
  public static LuceneBackend open(Path index, BundleStamp bundle) {
    return open(index, bundle, Relevance.UNKNOWN);
  }

  /// As [#open(Path, BundleStamp)], for a bundle that brings its own curves.
  public static LuceneBackend open(Path index, BundleStamp bundle, Relevance relevance) {
    IndexFaults.requireFolder(index);
    try {
      Directory directory = IndexFiles.open(index);
      try {
        DirectoryReader reader = DirectoryReader.open(directory);
        try {
          var data = reader.getIndexCommit().getUserData();
          IndexHeader header = CommitData.header(index, data);
          IndexFaults.requireSameBundle(index, header.bundle(), bundle);
          if (bytes(directory) <= VERIFIED_ON_OPENING) {
            verify(reader);
          }
          return new LuceneBackend(
              index,
              header,
              LuceneMatch.of(data, relevance),
              directory,
              new SearcherManager(reader, new SameBundle(index, bundle)));
        } catch (IOException | RuntimeException e) {
          reader.close();
          throw e;
        }
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  /// Searches what `writer` has written, committed or not. Closing it leaves the writer open.
  static LuceneBackend following(
      Path index, BundleStamp bundle, Relevance relevance, ImageIndexWriter writer) {
    try {
      Directory directory = FSDirectory.open(index);
      try {
        return new LuceneBackend(
            index,
            writer.header(),
            LuceneMatch.of(CalibrationData.write(writer.calibration()), relevance),
            directory,
            new SearcherManager(writer.lucene(), new SameBundle(index, bundle)));
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  /// Reads who made an index, without a bundle at hand.
  public static IndexHeader readHeader(Path index) {
    IndexFaults.requireFolder(index);
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      return CommitData.header(index, reader.getIndexCommit().getUserData());
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  /// Calls `row` with each image of an index and its two vectors. Throws [IndexException] as
  /// [#readHeader].
  public static void forEach(Path index, java.util.function.Consumer<IndexedImage> row) {
    IndexFaults.requireFolder(index);
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexRows.forEach(reader, row);
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  /// What was fitted to an index. Throws [IndexException] as [#readHeader].
  public static IndexCalibration readCalibration(Path index) {
    IndexFaults.requireFolder(index);
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      return CalibrationData.read(reader.getIndexCommit().getUserData());
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
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
  public IndexCalibration calibration() {
    return match.calibration();
  }

  @Override
  public <T> T read(Function<CorpusView, T> questions) {
    return withSearcher(searcher ->
        questions.apply(new LuceneView(index, header, match, searcher, analyzer, vectors)));
  }

  /// The index folder.
  public Path index() {
    return index;
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
      var data = now.getIndexCommit().getUserData();
      header = CommitData.header(index, data);
      match = match.with(data);
      return now != before;
    } catch (AlreadyClosedException e) {
      throw isClosed(e);
    } catch (IOException e) {
      throw IndexFaults.unreadable(index, e);
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
      throw IndexFaults.unreadable(index, e);
    }
  }

  private IllegalStateException isClosed(AlreadyClosedException e) {
    return new IllegalStateException("the index " + index + " is closed", e);
  }

  /// The present reader; tests ask it if it is closed.
  DirectoryReader reader() {
    return withSearcher(searcher -> (DirectoryReader) searcher.getIndexReader());
  }
}
