package gill.indexer.read;

import gill.engine.flow.ImageId;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
  private static final Set<String> KNOWN =
      Set.of(
          "id",
          "file",
          "caption",
          "keywords",
          "names",
          "source",
          "author",
          "licence",
          "style",
          "group",
          "colours",
          "sha256",
          "width",
          "height");

  private final JsonMapper json = new JsonMapper();
  private final Path path;
  private final Path root;

  /// @param root the folder that `file` starts from
  public Manifest(Path path, Path root) {
    this.path = path;
    this.root = root.toAbsolutePath().normalize();
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
    try (BufferedReader reader = reader()) {
      return reader.lines().filter(line -> !line.isBlank()).count();
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public Stream<CorpusRow> rows() {
    try {
      BufferedReader reader = reader();
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
  private BufferedReader reader() throws IOException {
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
    String id = "line " + line.number();
    try {
      JsonNode object = json.readTree(line.text().getBytes(StandardCharsets.ISO_8859_1));
      if (!object.isObject()) {
        return broken(id, "", Failure.BAD_MANIFEST_LINE, "a JSON object is wanted");
      }
      return entry(line, object);
    } catch (BadKey e) {
      return broken(id, "", Failure.BAD_MANIFEST_LINE, e.getMessage());
    } catch (JacksonException e) {
      return broken(id, "", Failure.BAD_MANIFEST_LINE, "not JSON: " + e.getOriginalMessage());
    }
  }

  private CorpusRow entry(Line line, JsonNode object) throws BadKey {
    String file = text(object, "file");
    if (file.isBlank()) {
      throw new BadKey("'file' is missing");
    }
    String id = object.has("id") ? text(object, "id") : file;
    if (id.isBlank() || id.length() > 512) {
      return broken("line " + line.number(), file, Failure.BAD_ID, "an id has 1 to 512 characters");
    }
    String location;
    try {
      Path resolved = root.resolve(file).normalize();
      if (!resolved.startsWith(root) || resolved.equals(root)) {
        return broken(
            id, file, Failure.OUTSIDE_ROOT, "the file lies outside the folder of images " + root);
      }
      location = root.relativize(resolved).toString().replace('\\', '/');
    } catch (InvalidPathException e) {
      throw new BadKey("'file' is no path: " + e.getMessage());
    }
    String caption = text(object, "caption");
    String name = location.substring(location.lastIndexOf('/') + 1);
    return new CorpusRow.Described(
        "line " + line.number(),
        new CorpusEntry(
            new ImageId(id),
            location,
            caption.isBlank() ? Captions.words(Captions.stem(name)) : caption.strip(),
            texts(object, "keywords"),
            names(object),
            text(object, "source"),
            text(object, "author"),
            text(object, "licence"),
            text(object, "style"),
            text(object, "group"),
            texts(object, "colours"),
            text(object, "sha256").toLowerCase(Locale.ROOT),
            metadata(object)));
  }

  private CorpusRow broken(String id, String file, String reason, String message) {
    String where = file.isEmpty() ? path.toString() : file;
    return new CorpusRow.Broken(new Failure(id, where, reason, message));
  }

  private static String text(JsonNode object, String key) throws BadKey {
    JsonNode value = object.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isString()) {
      throw new BadKey("'" + key + "' must be a string");
    }
    return value.stringValue();
  }

  private static List<String> texts(JsonNode object, String key) throws BadKey {
    JsonNode value = object.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw new BadKey("'" + key + "' must be an array of strings");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value) {
      if (!element.isString()) {
        throw new BadKey("'" + key + "' must be an array of strings");
      }
      texts.add(element.stringValue());
    }
    return texts;
  }

  private static Map<String, String> names(JsonNode object) throws BadKey {
    JsonNode value = object.path("names");
    if (value.isMissingNode() || value.isNull()) {
      return Map.of();
    }
    if (!value.isObject()) {
      throw new BadKey("'names' must be an object of strings by language");
    }
    Map<String, String> names = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> name : value.properties()) {
      if (!name.getValue().isString()) {
        throw new BadKey("'names." + name.getKey() + "' must be a string");
      }
      names.put(name.getKey(), name.getValue().stringValue());
    }
    return names;
  }

  private static Map<String, String> metadata(JsonNode object) {
    Map<String, String> metadata = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!KNOWN.contains(field.getKey()) && seen.add(field.getKey())) {
        JsonNode value = field.getValue();
        metadata.put(field.getKey(), value.isString() ? value.stringValue() : value.toString());
      }
    }
    return metadata;
  }

  /// A key of the wrong type.
  private static final class BadKey extends Exception {
    BadKey(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }
}
