package gill.indexer.read;

import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.PictureBytes;
import gill.indexer.flow.PictureSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Where pictures go that do not lie in files of their own: an answer shows a picture from its
/// file, so each gets one under the root. In a rehearsal nothing is written: a picture waits in
/// memory until it is read, once.
///
/// A file appears as a whole: first under another name, then moved. Safe for use by many threads.
final class KeptPictures implements PictureSource {
  private final Path root;
  private final boolean rehearsal;
  private final LocalPictures files;
  private final Map<String, byte[]> waiting = new ConcurrentHashMap<>();

  KeptPictures(Path root, boolean rehearsal) {
    this.root = root.toAbsolutePath().normalize();
    this.rehearsal = rehearsal;
    this.files = new LocalPictures(this.root);
  }

  Path root() {
    return root;
  }

  /// Whether there is a file for this location.
  boolean has(String location) {
    return Files.isRegularFile(root.resolve(location));
  }

  /// @param seconds time of change of the file, since 1970; 0 = now
  void keep(String location, byte[] picture, long seconds) throws IOException {
    if (rehearsal) {
      waiting.put(location, picture);
      return;
    }
    Path file = root.resolve(location);
    if (Files.exists(file) && Files.size(file) == picture.length) {
      return;
    }
    Files.createDirectories(file.resolveSibling(""));
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(part, picture);
    if (seconds > 0) {
      Files.setLastModifiedTime(part, FileTime.fromMillis(1000 * seconds));
    }
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public PictureBytes read(CorpusEntry entry, long maxBytes) {
    byte[] picture = waiting.remove(entry.location());
    return picture == null ? files.read(entry, maxBytes) : new PictureBytes.Read(picture);
  }
}
