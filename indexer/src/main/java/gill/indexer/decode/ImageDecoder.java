package gill.indexer.decode;

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
import gill.indexer.flow.DerivedKeys;
import gill.indexer.flow.Failure;
import gill.indexer.flow.PictureBytes;
import gill.indexer.flow.PictureSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/// Reads, checks and decodes image files. Whatever a file holds, the answer is a value. Safe for
/// use by many threads.
public final class ImageDecoder {
  private final Path root;
  private final PictureSource pictures;
  private final ImageLimits limits;
  private final UnaryOperator<Pixels> prepare;
  private final JobRules rules;
  private final LongAdder nanoseconds = new LongAdder();

  /// @param root the folder that locations start from, also where `pictures` puts what it fetches
  /// @param prepare makes a picture as small as the encoder wants it
  public ImageDecoder(
      Path root,
      PictureSource pictures,
      ImageLimits limits,
      UnaryOperator<Pixels> prepare,
      JobRules rules) {
    this.root = root;
    this.pictures = pictures;
    this.limits = limits;
    this.prepare = prepare;
    this.rules = rules;
  }

  public DecodedImage decode(CorpusRow row) {
    long start = System.nanoTime();
    try {
      return switch (row) {
        case CorpusRow.Broken(Failure failure) ->
            new DecodedImage.Undecodable(RowStamp.of(row, root), failure);
        case CorpusRow.Described described -> decode(described);
        case CorpusRow.Embedded embedded -> take(embedded);
      };
    } finally {
      nanoseconds.add(System.nanoTime() - start);
    }
  }

  /// Time spent in [#decode], summed over threads.
  public double seconds() {
    return nanoseconds.sum() / 1e9;
  }

  private DecodedImage decode(CorpusRow.Described row) {
    CorpusEntry entry = row.entry();
    Optional<Failure> refused = rules.refusal().apply(entry.record("", 0, 0));
    if (refused.isPresent()) {
      // By id or address: such a picture is not even fetched.
      return new DecodedImage.Undecodable(RowStamp.of(row, root), refused.get());
    }
    PictureBytes read = pictures.read(entry, limits.maxBytes());
    // Only now: reading may have fetched the file.
    long stamp = RowStamp.of(row, root);
    return switch (read) {
      case PictureBytes.Missing(Failure failure) -> new DecodedImage.Undecodable(stamp, failure);
      case PictureBytes.Read(byte[] bytes) -> decode(stamp, entry, bytes);
    };
  }

  private DecodedImage decode(long stamp, CorpusEntry entry, byte[] bytes) {
    String sha256 = Sha256.of(bytes);
    if (!entry.sha256().isEmpty() && !entry.sha256().equals(sha256)) {
      return failed(
          stamp,
          entry,
          Failure.SHA256_MISMATCH,
          "the file's SHA-256 is " + sha256 + ", the manifest says " + entry.sha256());
    }
    Optional<ImageRecord> before = rules.former().apply(entry.id());
    if (before.isPresent() && isDescribedBy(entry, sha256, before.get())) {
      return new DecodedImage.Known(stamp, entry.id());
    }
    return switch (ImageReader.read(bytes, limits)) {
      case ReadResult.Decoded(Pixels pixels, _) ->
          decoded(
              stamp, entry.record(sha256, pixels.width(), pixels.height()), pixels, change(before));
      case ReadResult.Rejected rejected ->
          failed(stamp, entry, rejected.code(), rejected.message());
    };
  }

  private DecodedImage decoded(long stamp, ImageRecord described, Pixels pixels, Change change) {
    PictureHash hash = PictureHash.of(pixels);
    ImageRecord image = described.with(PictureHash.KEY, hash.hex());
    Optional<Failure> refused = rules.refusal().apply(image);
    if (refused.isPresent()) {
      return new DecodedImage.Undecodable(stamp, refused.get());
    }
    for (Map.Entry<String, String> note : rules.notes().of(pixels).entrySet()) {
      image = image.with(note.getKey(), note.getValue());
    }
    return new DecodedImage.Decoded(stamp, image, prepare.apply(pixels), hash, change);
  }

  private DecodedImage take(CorpusRow.Embedded row) {
    CorpusEntry entry = row.entry();
    long stamp = RowStamp.of(row, root);
    if (!Files.isRegularFile(root.resolve(entry.location()))) {
      return failed(
          stamp,
          entry,
          Failure.MISSING_FILE,
          "there is no file " + root.resolve(entry.location()) + " to show");
    }
    Optional<ImageRecord> before = rules.former().apply(entry.id());
    if (before.isPresent() && isDescribedBy(entry, entry.sha256(), before.get())) {
      return new DecodedImage.Known(stamp, entry.id());
    }
    return new DecodedImage.Ready(
        stamp,
        entry
            .record(entry.sha256(), row.width(), row.height())
            .with(PictureHash.KEY, row.hash().hex()),
        row.embedding(),
        row.hash(),
        change(before));
  }

  private static Change change(Optional<ImageRecord> before) {
    return before.isPresent() ? Change.CHANGED : Change.ADDED;
  }

  private boolean isDescribedBy(CorpusEntry entry, String sha256, ImageRecord before) {
    return rules.notes().areIn(before.metadata())
        && DerivedKeys.without(before)
            .equals(DerivedKeys.without(entry.record(sha256, before.width(), before.height())));
  }

  private static DecodedImage failed(long stamp, CorpusEntry entry, String reason, String message) {
    return new DecodedImage.Undecodable(
        stamp, new Failure(entry.id().value(), entry.location(), reason, message));
  }
}
