package gill.indexer.decode;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.Pixels;
import gill.engine.runtime.Sha256;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import gill.indexer.flow.Change;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.DecodedImage;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Reads, checks and decodes image files. Whatever a file holds, the answer is a value. Safe for
/// use by many threads.
public final class ImageDecoder {
  private final Path root;
  private final ImageLimits limits;
  private final UnaryOperator<Pixels> prepare;
  private final Function<ImageId, Optional<ImageRecord>> former;
  private final LongAdder nanoseconds = new LongAdder();

  /// @param prepare makes a picture as small as the encoder wants it
  /// @param former what the index that is brought up to date has of an id
  public ImageDecoder(
      Path root,
      ImageLimits limits,
      UnaryOperator<Pixels> prepare,
      Function<ImageId, Optional<ImageRecord>> former) {
    this.root = root;
    this.limits = limits;
    this.prepare = prepare;
    this.former = former;
  }

  public DecodedImage decode(CorpusRow row) {
    long start = System.nanoTime();
    long stamp = RowStamp.of(row, root);
    try {
      return switch (row) {
        case CorpusRow.Broken(Failure failure) -> new DecodedImage.Undecodable(stamp, failure);
        case CorpusRow.Described(_, CorpusEntry entry) -> decode(stamp, entry);
      };
    } finally {
      nanoseconds.add(System.nanoTime() - start);
    }
  }

  /// Time spent in [#decode], summed over threads.
  public double seconds() {
    return nanoseconds.sum() / 1e9;
  }

  private DecodedImage decode(long stamp, CorpusEntry entry) {
    Path file = root.resolve(entry.location());
    byte[] bytes;
    try {
      long size = Files.size(file);
      if (size > limits.maxBytes()) {
        return failed(
            stamp,
            entry,
            ReadResult.Reason.TOO_LARGE_BYTES.code(),
            "the file has " + size + " bytes, at most " + limits.maxBytes() + " are read");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException _) {
      return failed(stamp, entry, Failure.MISSING_FILE, "there is no file " + file);
    } catch (AccessDeniedException _) {
      return failed(stamp, entry, Failure.UNREADABLE_FILE, "no permission to read " + file);
    } catch (IOException e) {
      return failed(stamp, entry, Failure.UNREADABLE_FILE, e.getMessage() + ": " + file);
    }
    String sha256 = Sha256.of(bytes);
    if (!entry.sha256().isEmpty() && !entry.sha256().equals(sha256)) {
      return failed(
          stamp,
          entry,
          Failure.SHA256_MISMATCH,
          "the file's SHA-256 is " + sha256 + ", the manifest says " + entry.sha256());
    }
    Optional<ImageRecord> before = former.apply(entry.id());
    if (before.isPresent()
        && withoutHash(before.get())
            .equals(
                withoutHash(entry.record(sha256, before.get().width(), before.get().height())))) {
      return new DecodedImage.Known(stamp, entry.id());
    }
    return switch (ImageReader.read(bytes, limits)) {
      case ReadResult.Decoded(Pixels pixels, _) -> {
        PictureHash hash = PictureHash.of(pixels);
        yield new DecodedImage.Decoded(
            stamp,
            entry.record(sha256, pixels.width(), pixels.height()).with(PictureHash.KEY, hash.hex()),
            prepare.apply(pixels),
            hash,
            before.isPresent() ? Change.CHANGED : Change.ADDED);
      }
      case ReadResult.Rejected rejected ->
          failed(stamp, entry, rejected.code(), rejected.message());
    };
  }

  private static ImageRecord withoutHash(ImageRecord record) {
    return record.with(PictureHash.KEY, "");
  }

  private static DecodedImage failed(long stamp, CorpusEntry entry, String reason, String message) {
    return new DecodedImage.Undecodable(
        stamp, new Failure(entry.id().value(), entry.location(), reason, message));
  }
}
