package gill.indexer.read;

import gill.engine.vision.ReadResult;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.Failure;
import gill.indexer.flow.PictureBytes;
import gill.indexer.flow.PictureSource;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Pictures that lie as files in a folder.
///
/// @param root the folder that locations start from
public record LocalPictures(Path root) implements PictureSource {
  @Override
  public PictureBytes read(CorpusEntry entry, long maxBytes) {
    Path file = root.resolve(entry.location());
    try {
      long size = Files.size(file);
      return size > maxBytes
          ? missing(
              entry,
              ReadResult.Reason.TOO_LARGE_BYTES.code(),
              "the file has " + size + " bytes, at most " + maxBytes + " are read")
          : new PictureBytes.Read(Files.readAllBytes(file));
    } catch (NoSuchFileException _) {
      return missing(entry, Failure.MISSING_FILE, "there is no file " + file);
    } catch (AccessDeniedException _) {
      return missing(entry, Failure.UNREADABLE_FILE, "no permission to read " + file);
    } catch (IOException e) {
      return missing(entry, Failure.UNREADABLE_FILE, e.getMessage() + ": " + file);
    }
  }

  static PictureBytes.Missing missing(CorpusEntry entry, String reason, String message) {
    return new PictureBytes.Missing(
        new Failure(entry.id().value(), entry.location(), reason, message));
  }
}
