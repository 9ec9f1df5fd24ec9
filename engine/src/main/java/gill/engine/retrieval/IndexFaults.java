package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;

/// What can be wrong with an index folder, in words: the rule, the value, what to do.
final class IndexFaults {
  private IndexFaults() {}

  static void requireFolder(Path index) {
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
              + CommitData.again(index)
              + ", or open it with the bundle that made it");
    }
  }

  static IndexException unreadable(Path index, Exception e) {
    return switch (e) {
      case IndexNotFoundException _ ->
          new IndexException(
              "the folder "
                  + index
                  + " holds no index, or one whose making was broken off. "
                  + CommitData.again(index),
              e);
      case IndexFormatTooOldException _, IndexFormatTooNewException _ ->
          new IndexException(
              "the index "
                  + index
                  + " was written by another version of Lucene. "
                  + CommitData.again(index),
              e);
      case NoSuchFileException missing ->
          new IndexException(
              "the index "
                  + index
                  + " is damaged: "
                  + missing.getFile()
                  + " is missing. "
                  + CommitData.again(index),
              e);
      default ->
          new IndexException(
              "the index "
                  + index
                  + " is damaged: "
                  + e.getMessage()
                  + ". "
                  + CommitData.again(index),
              e);
    };
  }

  static IndexException writeFailed(Path index, IOException cause) {
    return new IndexException(
        "cannot write the index "
            + index
            + ": "
            + reason(first(cause))
            + ". Nothing of this run is kept; a former index is untouched."
            + " Free space or mend the disk, then index again",
        cause);
  }

  /// A merge wraps what went wrong in it.
  private static IOException first(IOException cause) {
    return cause.getCause() instanceof IOException inner ? first(inner) : cause;
  }

  /// What the system said.
  static String reason(IOException e) {
    String message = e.getMessage();
    return e instanceof AccessDeniedException
        ? "no permission for " + message
        : message == null ? e.getClass().getSimpleName() : message;
  }
}
