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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// API keys in a text file, one a line: name, scope, SHA-256 of the key and, where it has been
/// replaced, until when it is still taken (Unix seconds). The key itself is never stored; being 256
/// random bits, it needs no slow hash. Keys are asked for as soon as the file exists; a file
/// without a line lets nobody in. A change of the file counts at once, so that keys are rotated
/// while the server runs. Safe for use by many threads.
public final class ApiKeys {
  private static final String PREFIX = "gill_";
  private static final int KEY_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  /// How long an old key may be taken beside a new one.
  public static final Duration LONGEST_OVERLAP = Duration.ofDays(365);

  private final Path file;
  private final InstantSource clock;
  private volatile Loaded loaded = new Loaded(FileTime.fromMillis(-1), -1, List.of());

  /// A key, as far as it is known.
  ///
  /// @param sha256 of the key's ASCII, lower-case hex
  /// @param until from when it is taken no more; empty = it has no end
  public record Key(String name, Scope scope, String sha256, Optional<Instant> until) {
    boolean isTaken(Instant now) {
      return until.map(now::isBefore).orElse(true);
    }

    public boolean allows(Scope wanted) {
      return scope.includes(wanted);
    }
  }

  private record Loaded(FileTime time, long size, List<Key> keys) {}

  public ApiKeys(Path file) {
    this(file, InstantSource.system());
  }

  public ApiKeys(Path file, InstantSource clock) {
    this.clock = clock;
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
    Instant now = clock.instant();
    return list().stream()
        .filter(key -> key.isTaken(now))
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
    if (parts.length < 3
        || parts.length > 4
        || !parts[2].matches("[0-9a-f]{64}")
        || parts.length == 4 && !parts[3].matches("[0-9]{1,12}")) {
      throw new IllegalStateException(
          file + " has a line that is no key (name, scope, SHA-256): make the key again");
    }
    return new Key(
        parts[0],
        Scope.valueOf(parts[1].toUpperCase(Locale.ROOT)),
        parts[2],
        parts.length == 4
            ? Optional.of(Instant.ofEpochSecond(Long.parseLong(parts[3])))
            : Optional.empty());
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
    String secret = secret();
    keys.add(key(name, scope, secret));
    write(keys);
    return secret;
  }

  private static String secret() {
    byte[] random = new byte[KEY_BYTES];
    RANDOM.nextBytes(random);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  private static Key key(String name, Scope scope, String secret) {
    return new Key(name, scope, HexFormat.of().formatHex(sha256(secret)), Optional.empty());
  }

  /// Replaces a key by a new one of the same name and scope, to which all that the old one left
  /// behind belongs; says the new one, this once. The old one is still taken for `overlap`, so that
  /// programs can change over; older ones end now. Throws [IllegalArgumentException] if there is
  /// none of this name or the overlap is negative or above [#LONGEST_OVERLAP].
  public String rotate(String name, Duration overlap) {
    if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
      throw new IllegalArgumentException(
          "the overlap is from 0 to " + LONGEST_OVERLAP.toDays() + " days, got " + overlap);
    }
    List<Key> keys = new ArrayList<>(list());
    Key old =
        keys.stream()
            .filter(key -> key.name().equals(name) && key.until().isEmpty())
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no key '" + name + "'"));
    Instant now = clock.instant();
    keys.removeIf(key -> key.name().equals(name) || !key.isTaken(now));
    if (!overlap.isZero()) {
      keys.add(new Key(name, old.scope(), old.sha256(), Optional.of(now.plus(overlap))));
    }
    String secret = secret();
    keys.add(key(name, old.scope(), secret));
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
          .append(key.until().map(it -> " " + it.getEpochSecond()).orElse(""))
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
