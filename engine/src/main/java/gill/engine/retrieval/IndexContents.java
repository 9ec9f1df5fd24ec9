package gill.engine.retrieval;

import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues.DocIndexIterator;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.jspecify.annotations.Nullable;

/// All images of an index's last commit, in the order of the index, one at a time. Other bundles'
/// indexes are read too. Not for use by several threads.
public final class IndexContents implements Iterator<IndexedImage>, AutoCloseable {
  private final Path index;
  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexHeader header;
  private final Deque<LeafReaderContext> leaves;
  private @Nullable Leaf leaf;
  private @Nullable IndexedImage next;

  private IndexContents(Path index, Directory directory, DirectoryReader reader, IndexHeader header)
      throws IOException {
    this.index = index;
    this.directory = directory;
    this.reader = reader;
    this.header = header;
    this.leaves = new ArrayDeque<>(reader.leaves());
    this.next = read();
  }

  /// Throws [gill.engine.fault.IndexException] if there is no index, or it cannot be read.
  public static IndexContents open(Path index) {
    IndexFaults.requireFolder(index);
    try {
      Directory directory = FSDirectory.open(index);
      DirectoryReader reader = DirectoryReader.open(directory);
      return new IndexContents(
          index,
          directory,
          reader,
          CommitData.header(index, reader.getIndexCommit().getUserData()));
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  public IndexHeader header() {
    return header;
  }

  /// Number of images.
  public int size() {
    return reader.numDocs();
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  /// Throws [gill.engine.fault.IndexException] if the index turns out to be damaged.
  @Override
  public IndexedImage next() {
    IndexedImage row = next;
    if (row == null) {
      throw new NoSuchElementException("the index " + index + " has no further image");
    }
    try {
      next = read();
    } catch (IOException | IllegalArgumentException e) {
      throw IndexFaults.unreadable(index, e);
    }
    return row;
  }

  private @Nullable IndexedImage read() throws IOException {
    while (true) {
      if (leaf != null) {
        IndexedImage row = leaf.next();
        if (row != null) {
          return row;
        }
      }
      if (leaves.isEmpty()) {
        return null;
      }
      leaf = new Leaf(leaves.removeFirst().reader());
    }
  }

  @Override
  public void close() {
    try (directory;
        reader) {
      leaves.clear();
    } catch (IOException e) {
      throw IndexFaults.unreadable(index, e);
    }
  }

  /// One segment.
  private static final class Leaf {
    private final LeafReader reader;
    private final FloatVectorValues clip;
    private final FloatVectorValues gill;
    private final DocIndexIterator clipAt;
    private final DocIndexIterator gillAt;
    private final @Nullable Bits live;

    Leaf(LeafReader reader) throws IOException {
      this.reader = reader;
      this.clip = vectors(reader, VectorField.CLIP);
      this.gill = vectors(reader, VectorField.GILL);
      this.clipAt = clip.iterator();
      this.gillAt = gill.iterator();
      this.live = reader.getLiveDocs();
    }

    private static FloatVectorValues vectors(LeafReader reader, VectorField field)
        throws IOException {
      FloatVectorValues vectors = reader.getFloatVectorValues(IndexFormat.field(field));
      if (vectors == null) {
        throw new IOException("a segment has no vectors");
      }
      return vectors;
    }

    @Nullable IndexedImage next() throws IOException {
      for (int doc = clipAt.nextDoc(); doc < reader.maxDoc(); doc = clipAt.nextDoc()) {
        if (gillAt.advance(doc) != doc) {
          throw new IOException("document " + doc + " lacks a vector");
        }
        if (live == null || live.get(doc)) {
          return new IndexedImage(
              IndexFormat.record(reader.storedFields().document(doc)),
              UnitVector.of(clip.vectorValue(clipAt.index())),
              UnitVector.of(gill.vectorValue(gillAt.index())));
        }
      }
      return null;
    }
  }
}
