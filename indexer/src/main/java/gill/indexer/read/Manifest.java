package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Images described by a file of JSON objects, one a line (`index-data/schema`), plain or gzipped.
///
/// `file` is required, relative to the root; `id` is the file where it is missing, `caption` the
/// words of the file's name. Keys that are not known are kept as metadata.
public final class Manifest implements CorpusSource {
  private final JsonMapper json = new JsonMapper();
  private final Path path;
  private final Path root;
  private final ManifestRow rows;

  /// @param root the folder that `file` starts from
  public Manifest(Path path, Path root) {
    this(path, root, ManifestRow.Pictures.FILES);
  }

  Manifest(Path path, Path root, ManifestRow.Pictures pictures) {
    this.path = path;
    this.root = root.toAbsolutePath().normalize();
    this.rows = new ManifestRow(path, this.root, pictures);
  }

  /// The keys of the first line that is a JSON object.
  static List<String> firstKeys(Path path) throws IOException {
    try (BufferedReader reader = reader(path)) {
      JsonMapper json = new JsonMapper();
      return reader
          .lines()
          .limit(100)
          .map(line -> keys(json, line))
          .filter(keys -> !keys.isEmpty())
          .findFirst()
          .orElse(List.of());
    }
  }

  private static List<String> keys(JsonMapper json, String line) {
    try {
      return List.copyOf(json.readTree(line.getBytes(StandardCharsets.ISO_8859_1)).propertyNames());
    } catch (JacksonException _) {
      return List.of();
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public long count() {
    try (BufferedReader reader = reader(path)) {
      return reader.lines().filter(line -> !line.isBlank()).count();
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public Stream<CorpusRow> rows() {
    try {
      BufferedReader reader = reader(path);
      AtomicLong number = new AtomicLong();
      return reader
          .lines()
          .map(line -> new Line(number.incrementAndGet(), line))
          .filter(line -> !line.text().isBlank())
          .map(this::row)
          .onClose(() -> {
            try {
              reader.close();
            } catch (IOException e) {
              throw unreadable(e);
            }
          });
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private CorpusException unreadable(Exception e) {
    return new CorpusException("cannot read the manifest " + path + ": " + e, e);
  }

  /// Bytes as characters 0…255, so that a line with broken UTF-8 is the fault of that line alone.
  private static BufferedReader reader(Path path) throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    try {
      bytes.mark(2);
      byte[] magic = bytes.readNBytes(2);
      bytes.reset();
      boolean gzip = magic.length == 2 && magic[0] == (byte) 0x1f && magic[1] == (byte) 0x8b;
      return new BufferedReader(
          new InputStreamReader(
              gzip ? new GZIPInputStream(bytes, 1 << 16) : bytes, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  /// @param number from 1
  private record Line(long number, String text) {}

  private CorpusRow row(Line line) {
    String place = "line " + line.number();
    try {
      JsonNode object = json.readTree(line.text().getBytes(StandardCharsets.ISO_8859_1));
      return object.isObject()
          ? rows.row(place, object)
          : rows.bad(place, "a JSON object is wanted");
    } catch (JacksonException e) {
      return rows.bad(place, "not JSON: " + e.getOriginalMessage());
    }
  }
}
