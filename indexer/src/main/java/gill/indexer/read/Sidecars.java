package gill.indexer.read;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What stands beside a picture in files of the same name: `cat.txt` is its caption, `cat.json` an
/// object with further keys, as WebDataset and img2dataset have it.
final class Sidecars {
  static final int MAX_CAPTION = 2000;

  private static final int MAX_JSON = 1 << 20;

  /// Keys of img2dataset that tell of the picture before it was resized.
  private static final Set<String> OF_THE_ORIGINAL = Set.of("sha256", "width", "height");

  private static final JsonMapper JSON = new JsonMapper();

  private Sidecars() {}

  /// The keys of a JSON object about a picture; those of the picture before it was resized are
  /// called `original_…`. Throws [JacksonException] if the text is no JSON; what is no object has
  /// no keys.
  static ObjectNode keys(byte[] json) {
    ObjectNode object = JSON.createObjectNode();
    if (json.length > 0 && JSON.readTree(json) instanceof ObjectNode keys) {
      for (Map.Entry<String, JsonNode> key : keys.properties()) {
        if (!key.getValue().isNull()) {
          object.set(named(key.getKey()), key.getValue());
        }
      }
    }
    return object;
  }

  static String named(String key) {
    return OF_THE_ORIGINAL.contains(key) ? "original_" + key : key;
  }

  /// The keys beside a picture, its caption among them; without such files there are none. Throws
  /// [JacksonException] or [IOException] if the JSON file cannot be read.
  static ObjectNode beside(Path picture) throws IOException {
    String stem = Captions.stem(String.valueOf(picture.getFileName()));
    Path json = picture.resolveSibling(stem + ".json");
    ObjectNode object = keys(Files.isRegularFile(json) ? head(json, MAX_JSON) : new byte[0]);
    String caption = caption(picture.resolveSibling(stem + ".txt"));
    if (!caption.isEmpty()) {
      object.put("caption", caption);
    }
    return object;
  }

  private static String caption(Path text) {
    if (!Files.isRegularFile(text)) {
      return "";
    }
    try {
      return shortened(new String(head(text, 4 * MAX_CAPTION), StandardCharsets.UTF_8));
    } catch (IOException _) {
      // The name serves as well as it does without a text file.
      return "";
    }
  }

  static String shortened(String caption) {
    String words = caption.replace("\uFEFF", "").strip().replaceAll("\\s+", " ");
    return words.substring(0, Math.min(words.length(), MAX_CAPTION));
  }

  private static byte[] head(Path file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(limit);
    }
  }
}
