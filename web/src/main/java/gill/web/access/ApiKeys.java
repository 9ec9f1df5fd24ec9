package gill.web.access;

import gill.engine.runtime.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// API keys in a text file, one a line: name, scope, SHA-256 of the key. The key itself is never
/// stored; being 256 random bits, it needs no slow hash. Keys are asked for as soon as the file
/// exists; a file without a line lets nobody in. A change of the file counts at once, so that keys
/// are rotated while the server runs. Safe for use by many threads.
public final class ApiKeys {
  private static final String PREFIX = "gill_";
  private static final int KEY_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path file;
  private volatile Loaded loaded = new Loaded(FileTime.fromMillis(-1), -1, List.of());

  /// A key, as far as it is known.
  ///
  /// @param sha256 of the key's ASCII, lower-case hex
  public record Key(String name, Scope scope, String sha256) {
    public boolean allows(Scope wanted) {
      return scope.includes(wanted);
    }
  }

  private record Loaded(FileTime time, long size, List<Key> keys) {}

  public ApiKeys(Path file) {
    this.file = file;
  }

  /// Whether a request needs a key.
  public boolean required() {
    return Files.exists(file);
  }

  /// The key with this secret. Throws [UncheckedIOException] if the file cannot be read, and
  /// [IllegalStateException] naming a line that is no key.
  public Optional<Key> find(String secret) {
    byte[] hash = sha256(secret);
    return list().stream()
        .filter(key -> MessageDigest.isEqual(HexFormat.of().parseHex(key.sha256()), hash))
        .findFirst();
  }

  /// All keys, in the file's order; none if there is no file.
  public List<Key> list() {
    try {
      if (!required()) {
        return List.of();
      }
      FileTime time = Files.getLastModifiedTime(file);
      long size = Files.size(file);
      Loaded known = loaded;
      if (!known.time().equals(time) || known.size() != size) {
        known = new Loaded(time, size, Files.readAllLines(file).stream().map(this::parse).toList());
        loaded = known;
      }
      return known.keys();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the API keys " + file, e);
    }
  }

  private Key parse(String line) {
    String[] parts = line.split(" ", -1);
    if (parts.length != 3 || !parts[2].matches("[0-9a-f]{64}")) {
      throw new IllegalStateException(
          file + " has a line that is no key (name, scope, SHA-256): make the key again");
    }
    return new Key(parts[0], Scope.valueOf(parts[1].toUpperCase(Locale.ROOT)), parts[2]);
  }

  /// Makes a key and says it, this once. Throws [IllegalArgumentException] if the name is taken or
  /// not of 1 to 64 letters, digits, `.`, `_`, `-`.
  public String create(String name, Scope scope) {
    if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException(
          "a key's name has 1 to 64 letters, digits, '.', '_' or '-', got '" + name + "'");
    }
    List<Key> keys = new ArrayList<>(list());
    if (keys.stream().anyMatch(key -> key.name().equals(name))) {
      throw new IllegalArgumentException("there is a key '" + name + "'; revoke it first");
    }
    byte[] random = new byte[KEY_BYTES];
    RANDOM.nextBytes(random);
    String secret = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    keys.add(new Key(name, scope, HexFormat.of().formatHex(sha256(secret))));
    write(keys);
    return secret;
  }

  /// Takes a key back; false if there is none of this name.
  public boolean revoke(String name) {
    List<Key> keys = new ArrayList<>(list());
    boolean found = keys.removeIf(key -> key.name().equals(name));
    if (found) {
      write(keys);
    }
    return found;
  }

  // A reader sees the old file or the new one, never half of it.
  private void write(List<Key> keys) {
    StringBuilder lines = new StringBuilder();
    for (Key key : keys) {
      lines
          .append(key.name())
          .append(' ')
          .append(key.scope().name().toLowerCase(Locale.ROOT))
          .append(' ')
          .append(key.sha256())
          .append('\n');
    }
    try {
      Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
      Path fresh = Files.createTempFile(folder, "keys", ".new");
      Files.writeString(fresh, lines);
      if (fresh.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      loaded = new Loaded(FileTime.fromMillis(-1), -1, List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the API keys " + file, e);
    }
  }

  private static byte[] sha256(String secret) {
    return Sha256.digest().digest(secret.getBytes(StandardCharsets.UTF_8));
  }
}
