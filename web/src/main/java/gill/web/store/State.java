package gill.web.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/// The state of a server. Without a folder it lives as long as the process. A folder is open in one
/// process at a time. Safe for use by many threads.
///
/// H2's MVStore keeps it: one file, no server, ordered maps, and what was committed survives a
/// crash.
public final class State implements AutoCloseable {
  private final MVStore store;
  private final PictureStore pictures;
  private final Path files;
  private final boolean temporary;

  private State(MVStore store, PictureStore pictures, Path files, boolean temporary) {
    this.store = store;
    this.pictures = pictures;
    this.files = files;
    this.temporary = temporary;
  }

  /// Opens or makes the file `gill.mv` and the folder `pictures`. Throws [UncheckedIOException] if
  /// that is not possible, and `org.h2.mvstore.MVStoreException` if the file is broken or another
  /// process has it open.
  public static State open(Optional<Path> folder) {
    MVStore.Builder builder = new MVStore.Builder().autoCommitDisabled();
    try {
      if (folder.isEmpty()) {
        return new State(
            builder.open(),
            PictureStore.temporary(),
            Files.createTempDirectory("gill-state"),
            true);
      }
      Path made = Files.createDirectories(folder.get());
      builder.fileName(made.resolve("gill.mv").toString());
      return new State(builder.open(), PictureStore.in(made.resolve("pictures")), made, false);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the state folder " + folder.orElse(null), e);
    }
  }

  /// A map of this name, made if it is new. Changes are on the disk after [#commit].
  public <K, V> MVMap<K, V> map(String name) {
    return store.openMap(name);
  }

  public PictureStore pictures() {
    return pictures;
  }

  /// A folder of this name for files, made if it is new.
  public Path folder(String name) {
    try {
      return Files.createDirectories(files.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + files.resolve(name), e);
    }
  }

  public void commit() {
    store.commit();
  }

  @Override
  public void close() {
    store.close();
    pictures.close();
    if (temporary) {
      PictureStore.deleteTree(files);
    }
  }
}
