package gill.indexer.duplicates;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.UnitVector;
import gill.indexer.flow.NearDuplicate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Finds images that repeat earlier ones: perceptual hashes that differ in at most [#MAX_BITS] of
/// 128 bits, and CLIP vectors of at least a given cosine. Both must say so: hashes alone take
/// drawings of one layout for the same, vectors alone take two pictures of one thing for the same.
///
/// An image is compared with those before it that are no repetitions themselves, so the answer
/// depends on the order of the images alone. Vectors lie in a file, since they are seldom needed.
/// Not for use by several threads.
public final class NearDuplicates implements AutoCloseable {
  /// The same limit as of `gill corpus delete --phash`.
  public static final int MAX_BITS = 8;

  public static final double DEFAULT_COSINE = 0.96;

  private static final String SCRATCH = "indexing-vectors.bin";

  /// So many of the nearest hashes are looked at closely.
  private static final int COMPARED = 32;

  /// An image that others may repeat.
  private record Original(ImageId id, String location) {}

  private final Path scratch;
  private final FileChannel vectors;
  private final double minCosine;
  private final HashTable hashes = new HashTable();
  private final List<Original> originals = new ArrayList<>();
  private final Set<ImageId> ids = new HashSet<>();

  /// @param folder for the file of vectors, which is deleted at the end
  public NearDuplicates(Path folder, double minCosine) {
    this.scratch = folder.resolve(SCRATCH);
    this.minCosine = minCosine;
    try {
      this.vectors =
          FileChannel.open(
              scratch,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Whether the next image repeats an earlier one. If not, later ones may repeat it.
  public Optional<NearDuplicate> next(ImageRecord image, PictureHash hash, UnitVector clip) {
    Optional<NearDuplicate> found =
        ids.contains(image.id()) ? Optional.empty() : repeated(image, hash, clip);
    if (found.isEmpty()) {
      add(image, hash, clip);
    }
    return found;
  }

  /// An image that later ones may repeat.
  public void add(ImageRecord image, PictureHash hash, UnitVector clip) {
    write(originals.size(), clip);
    hashes.add(hash);
    originals.add(new Original(image.id(), image.location()));
    ids.add(image.id());
  }

  private Optional<NearDuplicate> repeated(ImageRecord image, PictureHash hash, UnitVector clip) {
    // The nearest hash first, of equally near ones the earliest image.
    TreeMap<Long, Integer> near = new TreeMap<>();
    hashes.near(
        hash,
        MAX_BITS,
        (entry, bits) -> {
          near.put((long) bits << 32 | entry, entry);
          if (near.size() > COMPARED) {
            near.pollLastEntry();
          }
        });
    for (Map.Entry<Long, Integer> candidate : near.entrySet()) {
      double cosine = cosine(candidate.getValue(), clip);
      if (cosine >= minCosine) {
        Original original = originals.get(candidate.getValue());
        return Optional.of(
            new NearDuplicate(
                image.id().value(),
                image.location(),
                original.id().value(),
                original.location(),
                (int) (candidate.getKey() >>> 32),
                cosine));
      }
    }
    return Optional.empty();
  }

  private void write(int entry, UnitVector clip) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * clip.dimension());
    bytes.asFloatBuffer().put(clip.toArray());
    try {
      long at = (long) entry * bytes.capacity();
      while (bytes.hasRemaining()) {
        at += vectors.write(bytes, at);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private double cosine(int entry, UnitVector clip) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * clip.dimension());
    try {
      long at = (long) entry * bytes.capacity();
      while (bytes.hasRemaining()) {
        int read = vectors.read(bytes, at);
        if (read < 0) {
          throw new IOException("it is cut short");
        }
        at += read;
      }
    } catch (IOException e) {
      throw failed(e);
    }
    bytes.flip();
    double sum = 0;
    for (float value : clip.toArray()) {
      sum += (double) value * bytes.getFloat();
    }
    return sum;
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        "cannot keep vectors in " + scratch + ": " + e.getMessage() + ". Free space, run again", e);
  }

  @Override
  public void close() {
    try {
      vectors.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
