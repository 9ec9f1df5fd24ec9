package gill.indexer.read;

import gill.engine.flow.ImageId;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import java.net.URI;
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
import tools.jackson.databind.JsonNode;

/// Makes a row of the keys that describe an image, whatever file they come from
/// (`index-data/schema`). Keys that are not known are kept as metadata.
final class ManifestRow {
  /// The key of the file; the others are what other tools call it.
  static final List<String> FILE = List.of("file", "file_name", "filepath", "image_path");

  private static final List<String> CAPTION = List.of("caption", "text");

  private static final Set<String> KNOWN =
      Set.of(
          "id",
          "file_name",
          "filepath",
          "image_path",
          "text",
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

  private final Path path;
  private final Path root;
  private final Pictures pictures;

  /// What a row names its picture by.
  enum Pictures {
    FILES,
    /// The metadata keep the address as `url`.
    ADDRESSES
  }

  /// @param path the source, for messages
  /// @param root absolute folder that files start from
  ManifestRow(Path path, Path root, Pictures pictures) {
    this.path = path;
    this.root = root;
    this.pictures = pictures;
  }

  /// @param place where in the source the keys stand, e.g. `line 7`
  CorpusRow row(String place, JsonNode object) {
    try {
      return entry(place, object);
    } catch (BadKey e) {
      return bad(place, e.getMessage());
    }
  }

  CorpusRow bad(String place, String message) {
    return broken(place, "", Failure.BAD_MANIFEST_LINE, message);
  }

  /// The first of these keys that is there and not blank.
  private static String first(JsonNode object, List<String> keys) throws BadKey {
    for (String key : keys) {
      String text = text(object, key);
      if (!text.isBlank()) {
        return text;
      }
    }
    return "";
  }

  private CorpusRow entry(String place, JsonNode object) throws BadKey {
    return pictures == Pictures.FILES ? ofFile(place, object) : ofAddress(place, object);
  }

  private CorpusRow ofAddress(String place, JsonNode object) throws BadKey {
    String text = first(object, ManifestUrls.KEYS);
    if (text.isBlank()) {
      throw new BadKey("'url' is missing");
    }
    URI url =
        ManifestUrls.parse(text)
            .orElseThrow(() -> new BadKey("'url' is no http or https address: " + text));
    String id = object.has("id") ? text(object, "id") : url.toString();
    if (id.isBlank() || id.length() > 512) {
      return broken(
          place,
          text,
          Failure.BAD_ID,
          "an id has 1 to 512 characters; without 'id' the address is the id");
    }
    String caption = first(object, CAPTION);
    Map<String, String> metadata = metadata(object);
    ManifestUrls.KEYS.forEach(metadata::remove);
    metadata.put("url", url.toString());
    return described(
        place,
        object,
        id,
        ManifestUrls.location(url),
        caption.isBlank() ? ManifestUrls.caption(url) : caption.strip(),
        metadata);
  }

  private CorpusRow ofFile(String place, JsonNode object) throws BadKey {
    String file = first(object, FILE);
    if (file.isBlank()) {
      throw new BadKey("'file' is missing");
    }
    String id = object.has("id") ? text(object, "id") : file;
    if (id.isBlank() || id.length() > 512) {
      return broken(place, file, Failure.BAD_ID, "an id has 1 to 512 characters");
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
    String caption = first(object, CAPTION);
    String name = location.substring(location.lastIndexOf('/') + 1);
    return described(
        place,
        object,
        id,
        location,
        caption.isBlank() ? Captions.words(Captions.stem(name)) : caption.strip(),
        metadata(object));
  }

  private static CorpusRow described(
      String place,
      JsonNode object,
      String id,
      String location,
      String caption,
      Map<String, String> metadata)
      throws BadKey {
    return new CorpusRow.Described(
        place,
        new CorpusEntry(
            new ImageId(id),
            location,
            caption,
            texts(object, "keywords"),
            names(object),
            text(object, "source"),
            text(object, "author"),
            text(object, "licence"),
            text(object, "style"),
            text(object, "group"),
            texts(object, "colours"),
            text(object, "sha256").toLowerCase(Locale.ROOT),
            metadata));
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
