package gill.web.store;

import gill.engine.runtime.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Pictures as files named by the SHA-256 of their bytes, so that the same picture is kept once and
/// never changes. Safe for use by many threads.
public final class PictureStore {
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

  private final Path folder;
  private final boolean temporary;

  private PictureStore(Path folder, boolean temporary) {
    this.folder = folder;
    this.temporary = temporary;
  }

  static PictureStore in(Path folder) throws IOException {
    return new PictureStore(Files.createDirectories(folder), false);
  }

  static PictureStore temporary() throws IOException {
    return new PictureStore(Files.createTempDirectory("gill-pictures"), true);
  }

  /// Keeps a picture under its name.
  void put(byte[] bytes) {
    Path file = file(name(bytes));
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(file.getParent());
        Path fresh = Files.createTempFile(folder, "picture", ".new");
        Files.write(fresh, bytes);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep a picture in " + folder, e);
    }
  }

  /// The picture's bytes; empty if there is none of this name.
  public Optional<byte[]> get(String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readAllBytes(file(name)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the picture " + file(name), e);
    }
  }

  void delete(String name) {
    try {
      Files.deleteIfExists(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the picture " + file(name), e);
    }
  }

  private Path file(String name) {
    return folder.resolve(name.substring(0, 2)).resolve(name);
  }

  void close() {
    if (temporary) {
      deleteTree(folder);
    }
  }

  static void deleteTree(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  /// The SHA-256 of a picture's bytes, lower-case hex.
  public static String name(byte[] bytes) {
    return Sha256.of(bytes);
  }
}
