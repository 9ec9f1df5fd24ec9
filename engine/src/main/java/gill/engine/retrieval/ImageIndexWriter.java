package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
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
    IndexFolder.refuseForeign(index);
    return open(index, header, IndexFolder.open(index), OpenMode.CREATE);
  }

  /// A writer that adds to the folder's index, which must be by the same bundle.
  public static ImageIndexWriter update(Path index, BundleStamp bundle) {
    IndexHeader header = LuceneBackend.readHeader(index);
    IndexFaults.requireSameBundle(index, header.bundle(), bundle);
    return open(index, header, IndexFolder.open(index), OpenMode.APPEND);
  }

  /// A writer for whoever only takes images out: the index may be by any bundle.
  public static ImageIndexWriter update(Path index) {
    return update(index, LuceneBackend.readHeader(index).bundle());
  }

  /// For tests: a directory that fails on demand.
  static ImageIndexWriter replace(Path index, IndexHeader header, Directory directory) {
    return open(index, header, directory, OpenMode.CREATE);
  }

  private static ImageIndexWriter open(
      Path index, IndexHeader header, Directory directory, OpenMode mode) {
    VectorCodec codec =
        mode == OpenMode.CREATE
            ? VectorCodec.bulk(header.vectorFormat(), VectorFormat.Graph.USUAL)
            : VectorCodec.finished(header.vectorFormat(), VectorFormat.Graph.USUAL);
    IndexWriter writer = IndexFolder.writer(index, directory, mode, codec);
    try {
      return new ImageIndexWriter(index, header, directory, codec, writer);
    } catch (IndexException e) {
      IndexFolder.close(writer, e);
      throw e;
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
      IndexFormat.requireDimension(header, field, row.vector(field));
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
      int before = LiveTerms.images(writer);
      writer.deleteDocuments(LiveTerms.named(writer, selectors));
      return before - LiveTerms.images(writer);
    });
  }

  /// Takes images out and enters them in the folder's takedown list, at once; the removal itself
  /// needs a commit. Returns how many there were.
  public int takeDown(List<ImageSelector> selectors) {
    forbidden = TakedownList.read(index).with(selectors);
    forbidden.write(index);
    return remove(selectors);
  }

  /// Takes out every image but those of these ids and the [#KEPT]; returns how many went.
  public long removeAllBut(Set<ImageId> kept) {
    return writing(() -> {
      int before = LiveTerms.images(writer);
      LiveTerms.forEach(
          writer,
          IndexFormat.ID,
          id -> {
            String text = id.utf8ToString();
            if (!text.startsWith(KEPT) && !kept.contains(new ImageId(text))) {
              writer.deleteDocuments(new Term(IndexFormat.ID, BytesRef.deepCopyOf(id)));
            }
          });
      return before - (long) LiveTerms.images(writer);
    });
  }

  /// Makes all that was added the index, in one segment, and returns its number of images. An index
  /// without images is refused with [IndexException].
  public int commit() {
    return writing(() -> {
      obey();
      codec.finish();
      writer.forceMerge(1);
      if (LiveTerms.images(writer) == 0) {
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
    writer.deleteDocuments(LiveTerms.named(writer, forbidden.selectors()));
  }

  private int committed() throws IOException {
    int images = LiveTerms.images(writer);
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
      throw IndexFaults.writeFailed(index, e);
    } catch (AlreadyClosedException e) {
      throw closed(e);
    } catch (IllegalStateException e) {
      // So a merge says that another thread's part of it failed.
      throw writer.getTragicException() == null ? e : closed(e);
    }
  }

  /// Ends the writing; what was not committed is gone.
  @Override
  public void close() {
    try (directory) {
      // Waits for a merge thread that is closing the writer because of what went wrong in it.
      writer.rollback();
      if (writer.getTragicException() != null) {
        IndexFolder.sweep(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("closing the index " + index, e);
    }
  }

  private IndexException closed(RuntimeException closed) {
    Throwable tragedy = writer.getTragicException();
    if (tragedy instanceof IOException e) {
      return IndexFaults.writeFailed(index, e);
    }
    if (tragedy != null) {
      return new IndexException(
          "writing the index " + index + " was broken off: " + tragedy.getMessage(), tragedy);
    }
    throw new IllegalStateException("the writer of the index " + index + " is closed", closed);
  }
}
