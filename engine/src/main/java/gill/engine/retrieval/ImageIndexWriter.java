package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.PictureHash;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.MergeScheduler;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.Lock;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.store.NoLockFactory;
import org.apache.lucene.util.BytesRef;

/// Writes an index of images; see [IndexFormat].
///
/// Nothing is visible before [#commit], which takes effect at once and as a whole: until then, and
/// after a crash or a full disk, readers see the folder's former index, or none. Closing without a
/// commit drops what was added. What the folder's [TakedownList] forbids is never in a commit. Safe
/// for use by many threads. One writer per folder: a second is refused with [IndexException].
public final class ImageIndexWriter implements AutoCloseable {
  /// What the ids of generated pictures begin with that were kept: no source lists them, so
  /// bringing an index up to date with its source leaves them in.
  public static final String KEPT = "kept/";

  /// What an index folder may hold: Lucene's files, the indexer's reports, the takedown list.
  private static final Pattern OWN_FILES =
      Pattern.compile(
          "_[a-z0-9]+[._].*|(pending_)?segments_?.*|write\\.lock"
              + "|indexing-[a-z]+(\\.part)?\\.(jsonl?|bin|html)|takedown\\.txt(\\.new)?");

  private final Path index;
  private final IndexHeader header;
  private final Directory directory;
  private final VectorCodec codec;
  private final IndexWriter writer;
  private volatile TakedownList forbidden;
  private volatile IndexCalibration calibration;

  private ImageIndexWriter(
      Path index, IndexHeader header, Directory directory, VectorCodec codec, IndexWriter writer) {
    this.index = index;
    this.header = header;
    this.directory = directory;
    this.codec = codec;
    this.writer = writer;
    this.forbidden = TakedownList.read(index);
    this.calibration = calibration(writer);
  }

  private static IndexCalibration calibration(IndexWriter writer) {
    Map<String, String> data = new HashMap<>();
    Iterable<Map.Entry<String, String>> former = writer.getLiveCommitData();
    if (former != null) {
      former.forEach(entry -> data.put(entry.getKey(), entry.getValue()));
    }
    return CalibrationData.read(data);
  }

  /// A writer that replaces the folder's index, if there is one, at [#commit]. The folder is made
  /// if it is missing; one that holds anything but an index is refused with [IndexException].
  public static ImageIndexWriter replace(Path index, IndexHeader header) {
    refuseForeign(index);
    return open(index, header, openDirectory(index), OpenMode.CREATE);
  }

  /// A writer that adds to the folder's index, which must be by the same bundle.
  public static ImageIndexWriter update(Path index, BundleStamp bundle) {
    IndexHeader header = LuceneBackend.readHeader(index);
    IndexFaults.requireSameBundle(index, header.bundle(), bundle);
    return open(index, header, openDirectory(index), OpenMode.APPEND);
  }

  /// A writer for whoever only takes images out: the index may be by any bundle.
  public static ImageIndexWriter update(Path index) {
    return update(index, LuceneBackend.readHeader(index).bundle());
  }

  /// For tests: a directory that fails on demand.
  static ImageIndexWriter replace(Path index, IndexHeader header, Directory directory) {
    return open(index, header, directory, OpenMode.CREATE);
  }

  private static Directory openDirectory(Path index) {
    try {
      Files.createDirectories(index);
      return FSDirectory.open(index);
    } catch (IOException e) {
      throw new IndexException(
          "cannot write to the index folder " + index + ": " + IndexFaults.reason(e), e);
    }
  }

  private static ImageIndexWriter open(
      Path index, IndexHeader header, Directory directory, OpenMode mode) {
    VectorCodec codec =
        mode == OpenMode.CREATE
            ? VectorCodec.bulk(header.vectorFormat(), VectorFormat.Graph.USUAL)
            : VectorCodec.finished(header.vectorFormat(), VectorFormat.Graph.USUAL);
    IndexWriterConfig config =
        new IndexWriterConfig(TextAnalysis.analyzer())
            .setCodec(codec)
            .setMergeScheduler(merging())
            .setOpenMode(mode)
            .setCommitOnClose(false)
            .setRAMBufferSizeMB(256);
    if (mode == OpenMode.CREATE) {
      config.setMergePolicy(new BulkMerges());
    }
    try {
      IndexWriter writer = new IndexWriter(directory, config);
      try {
        return new ImageIndexWriter(index, header, directory, codec, writer);
      } catch (IndexException e) {
        writer.rollback();
        closeQuietly(directory, e);
        throw e;
      }
    } catch (LockObtainFailedException e) {
      closeQuietly(directory, e);
      throw new IndexException(
          "the index "
              + index
              + " is being written by another indexing job or server: wait for it to end",
          e);
    } catch (IOException e) {
      closeQuietly(directory, e);
      throw new IndexException(
          "cannot write to the index " + index + ": " + IndexFaults.reason(e), e);
    }
  }

  /// All cores build the graph of a merged segment.
  static MergeScheduler merging() {
    ConcurrentMergeScheduler merging = new ConcurrentMergeScheduler();
    merging.setMaxMergesAndThreads(VectorCodec.workers() + 4, VectorCodec.workers());
    return merging;
  }

  private static void refuseForeign(Path index) {
    if (!Files.exists(index)) {
      return;
    }
    if (!Files.isDirectory(index)) {
      throw new IndexException(index + " is a file: an index is a folder, name another");
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(index)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!OWN_FILES.matcher(name).matches()) {
          throw new IndexException(
              index
                  + " is not an index (it holds '"
                  + name
                  + "') and will not be overwritten: name an empty or new folder");
        }
      }
    } catch (IOException e) {
      throw new IndexException(
          "cannot read the index folder " + index + ": " + IndexFaults.reason(e), e);
    }
  }

  public IndexHeader header() {
    return header;
  }

  /// What later commits say about relevance: the former commit's fit until there is another.
  public IndexCalibration calibration() {
    return calibration;
  }

  /// Takes effect with the next commit.
  public void calibrate(IndexCalibration fitted) {
    calibration = fitted;
  }

  public String fingerprint() {
    return header.bundle().fingerprint();
  }

  /// What must not be added.
  public TakedownList forbidden() {
    return forbidden;
  }

  /// As [#add(IndexedImage)].
  public boolean add(ImageRecord image, UnitVector clip, UnitVector gill) {
    return add(new IndexedImage(image, clip, gill));
  }

  /// Adds an image, or replaces the one of the same id; false if the takedown list forbids it.
  /// Throws [IllegalArgumentException] if a vector's dimension is not the header's.
  public boolean add(IndexedImage row) {
    for (VectorField field : VectorField.values()) {
      requireDimension(header, field, row.vector(field));
    }
    if (forbidden.forbidding(row.image()).isPresent()) {
      return false;
    }
    writing(() ->
        writer.updateDocument(
            new Term(IndexFormat.ID, row.image().id().value()), IndexFormat.document(row)));
    return true;
  }

  /// Takes an image out; nothing happens if there is none of this id.
  public void remove(ImageId id) {
    writing(() -> writer.deleteDocuments(new Term(IndexFormat.ID, id.value())));
  }

  /// Takes images out and returns how many there were.
  public int remove(List<ImageSelector> selectors) {
    return writing(() -> {
      int before = liveImages();
      writer.deleteDocuments(terms(selectors));
      return before - liveImages();
    });
  }

  /// Takes images out and enters them in the folder's takedown list, at once; the removal itself
  /// needs a commit. Returns how many there were.
  public int takeDown(List<ImageSelector> selectors) {
    forbidden = TakedownList.read(index).with(selectors);
    forbidden.write(index);
    return remove(selectors);
  }

  private Term[] terms(Collection<ImageSelector> selectors) throws IOException {
    Set<String> hashes = new HashSet<>();
    if (selectors.stream().anyMatch(selector -> selector.kind() == ImageSelector.Kind.PHASH)) {
      forEachTerm(
          IndexFormat.keywordField(FilterFields.METADATA + PictureHash.KEY),
          term -> hashes.add(term.utf8ToString()));
    }
    return selectors.stream()
        .flatMap(selector -> selector.terms(hashes).stream())
        .toArray(Term[]::new);
  }

  @FunctionalInterface
  private interface TermVisitor {
    void visit(BytesRef term) throws IOException;
  }

  private void forEachTerm(String field, TermVisitor visitor) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      for (LeafReaderContext leaf : reader.leaves()) {
        Terms terms = leaf.reader().terms(field);
        TermsEnum each = terms == null ? TermsEnum.EMPTY : terms.iterator();
        for (BytesRef term = each.next(); term != null; term = each.next()) {
          visitor.visit(term);
        }
      }
    }
  }

  /// Takes out every image but those of these ids and the [#KEPT]; returns how many went.
  public long removeAllBut(Set<ImageId> kept) {
    return writing(() -> {
      int before = liveImages();
      forEachTerm(
          IndexFormat.ID,
          id -> {
            String text = id.utf8ToString();
            if (!text.startsWith(KEPT) && !kept.contains(new ImageId(text))) {
              writer.deleteDocuments(new Term(IndexFormat.ID, BytesRef.deepCopyOf(id)));
            }
          });
      return before - (long) liveImages();
    });
  }

  /// Makes all that was added the index, in one segment, and returns its number of images. An index
  /// without images is refused with [IndexException].
  public int commit() {
    return writing(() -> {
      obey();
      codec.finish();
      writer.forceMerge(1);
      if (liveImages() == 0) {
        throw new IndexException("no image to index: " + index + " is left as it was");
      }
      return committed();
    });
  }

  /// As [#commit], but leaves the segments as they are, which is quick, and may leave none.
  public int save() {
    return writing(() -> {
      obey();
      return committed();
    });
  }

  /// Commits a copy of another folder's index; both takedown lists hold. Returns the number of
  /// images.
  int copyOf(Path other) {
    return writing(() -> {
      TakedownList both = TakedownList.read(index).with(TakedownList.read(other).selectors());
      if (!both.selectors().isEmpty()) {
        both.write(index);
      }
      try (Directory from = FSDirectory.open(other, NoLockFactory.INSTANCE)) {
        writer.addIndexes(from);
        calibration = CalibrationData.read(SegmentInfos.readLatestCommit(from).getUserData());
      }
      return save();
    });
  }

  /// Takes out what was taken down since this writing began.
  private void obey() throws IOException {
    forbidden = TakedownList.read(index);
    writer.deleteDocuments(terms(forbidden.selectors()));
  }

  private int committed() throws IOException {
    int images = liveImages();
    Map<String, String> data = CommitData.of(header, index, images);
    data.putAll(CalibrationData.write(calibration));
    writer.setLiveCommitData(data.entrySet());
    writer.commit();
    return images;
  }

  boolean isOpen() {
    return writer.isOpen();
  }

  IndexWriter lucene() {
    return writer;
  }

  @FunctionalInterface
  private interface Writing<T> {
    T run() throws IOException;
  }

  private <T> T writing(Writing<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw writeFailed(e);
    } catch (AlreadyClosedException e) {
      throw closed(e);
    } catch (IllegalStateException e) {
      // So a merge says that another thread's part of it failed.
      throw writer.getTragicException() == null ? e : closed(e);
    }
  }

  private int liveImages() throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      return reader.numDocs();
    }
  }

  /// Ends the writing; what was not committed is gone.
  @Override
  public void close() {
    try (directory) {
      // Waits for a merge thread that is closing the writer because of what went wrong in it.
      writer.rollback();
      if (writer.getTragicException() != null) {
        sweep();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("closing the index " + index, e);
    }
  }

  /// Deletes what a broken-off writing left, which Lucene keeps: on a full disk that is the space
  /// the next attempt needs.
  private void sweep() throws IOException {
    try (Lock _ = directory.obtainLock(IndexWriter.WRITE_LOCK_NAME)) {
      Set<String> kept = new HashSet<>();
      if (DirectoryReader.indexExists(directory)) {
        kept.addAll(SegmentInfos.readLatestCommit(directory).files(true));
      }
      for (String file : directory.listAll()) {
        boolean ours =
            IndexFileNames.CODEC_FILE_PATTERN.matcher(file).matches()
                || file.startsWith(IndexFileNames.SEGMENTS)
                || file.startsWith(IndexFileNames.PENDING_SEGMENTS);
        if (ours && !kept.contains(file)) {
          directory.deleteFile(file);
        }
      }
    }
  }

  static void requireDimension(IndexHeader header, VectorField field, UnitVector vector) {
    int expected = header.dimension(field);
    if (vector.dimension() != expected) {
      throw new IllegalArgumentException(
          "the index's "
              + IndexFormat.field(field)
              + " vectors have "
              + expected
              + " dimensions, got one of "
              + vector.dimension());
    }
  }

  private IndexException writeFailed(IOException cause) {
    return new IndexException(
        "cannot write the index "
            + index
            + ": "
            + IndexFaults.reason(first(cause))
            + ". Nothing of this run is kept; a former index is untouched."
            + " Free space or mend the disk, then index again",
        cause);
  }

  /// A merge wraps what went wrong in it.
  private static IOException first(IOException cause) {
    return cause.getCause() instanceof IOException inner ? first(inner) : cause;
  }

  private IndexException closed(RuntimeException closed) {
    Throwable tragedy = writer.getTragicException();
    if (tragedy instanceof IOException e) {
      return writeFailed(e);
    }
    if (tragedy != null) {
      return new IndexException(
          "writing the index " + index + " was broken off: " + tragedy.getMessage(), tragedy);
    }
    throw new IllegalStateException("the writer of the index " + index + " is closed", closed);
  }

  private static void closeQuietly(Directory directory, Exception cause) {
    try {
      directory.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
