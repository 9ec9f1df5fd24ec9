package gill.indexer.decode;

import gill.engine.runtime.Sha256;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;

/// Tells whether a row of a source, and the file it names, are still what they were when a job was
/// broken off: 64 bits over the row's description and the file's size and time of change.
public final class RowStamp {
  private RowStamp() {}

  /// @param root the folder that locations start from
  public static long of(CorpusRow row, Path root) {
    return switch (row) {
      case CorpusRow.Broken(Failure failure) ->
          hash(failure.id(), failure.path(), failure.reason(), "");
      case CorpusRow.Described(String place, CorpusEntry entry) -> hash(place, entry, root);
      case CorpusRow.Embedded embedded -> hash(embedded.place(), embedded.entry(), root);
    };
  }

  private static long hash(String place, CorpusEntry entry, Path root) {
    return hash(place, entry.id().value(), describe(entry), file(root.resolve(entry.location())));
  }

  /// Maps are written in no fixed order, but their hash codes do not depend on it.
  private static String describe(CorpusEntry entry) {
    return String.join(
        "\n",
        entry.location(),
        entry.caption(),
        entry.sha256(),
        Integer.toString(entry.hashCode()));
  }

  private static String file(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.size() + " " + attributes.lastModifiedTime().toMillis();
    } catch (IOException _) {
      return "missing";
    }
  }

  private static long hash(String... parts) {
    MessageDigest digest = Sha256.digest();
    for (String part : parts) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
