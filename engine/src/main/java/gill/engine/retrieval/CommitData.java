package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What an index says about itself in the user data of its commit.
///
/// It holds `gill.format_version`, `gill.bundle.{name,version,fingerprint}`,
/// `gill.dimension.{clip,gill}`, `gill.images`, `gill.vector_format` (f32 if it is missing) and the
/// image root twice: `gill.image_root` is absolute, `gill.image_root.relative` starts at the index
/// folder, so that index and images may be moved together. The folder named by the relative path
/// wins if it exists. What was fitted to the index lies there too ([CalibrationData]).
final class CommitData {
  /// Documents of this version hold all that the present one needs.
  private static final String UPGRADABLE = "2";

  private static final String KEY_VERSION = "gill.format_version";
  private static final String KEY_NAME = "gill.bundle.name";
  private static final String KEY_BUNDLE_VERSION = "gill.bundle.version";
  private static final String KEY_FINGERPRINT = "gill.bundle.fingerprint";
  private static final String KEY_CLIP = "gill.dimension.clip";
  private static final String KEY_GILL = "gill.dimension.gill";
  private static final String KEY_ROOT = "gill.image_root";
  private static final String KEY_RELATIVE_ROOT = "gill.image_root.relative";
  private static final String KEY_IMAGES = "gill.images";
  private static final String KEY_VECTORS = "gill.vector_format";

  private CommitData() {}

  static Map<String, String> of(IndexHeader header, Path index, int images) {
    Map<String, String> data = new LinkedHashMap<>();
    data.put(KEY_VERSION, Integer.toString(IndexFormat.VERSION));
    data.put(KEY_NAME, header.bundle().name());
    data.put(KEY_BUNDLE_VERSION, header.bundle().version());
    data.put(KEY_FINGERPRINT, header.bundle().fingerprint());
    data.put(KEY_CLIP, Integer.toString(header.clipDimension()));
    data.put(KEY_GILL, Integer.toString(header.gillDimension()));
    data.put(KEY_IMAGES, Integer.toString(images));
    data.putAll(ofVectors(header.vectorFormat()));
    Path root = header.imageRoot();
    data.put(KEY_ROOT, root.toString());
    Path from = index.toAbsolutePath().normalize();
    if (root.getRoot() != null && root.getRoot().equals(from.getRoot())) {
      data.put(KEY_RELATIVE_ROOT, from.relativize(root).toString());
    }
    return data;
  }

  /// Reads a commit's user data. Throws [IndexException] naming every fault.
  static IndexHeader header(Path index, Map<String, String> data) {
    String version = data.get(KEY_VERSION);
    if (version == null) {
      throw new IndexException(
          index
              + " is a Lucene index but not one of images: it has no "
              + KEY_VERSION
              + ". Give the folder that './gill index' wrote");
    }
    if (!version.equals(Integer.toString(IndexFormat.VERSION))) {
      throw new IndexException(
          "the index "
              + index
              + " has format version "
              + version
              + ", this program reads "
              + IndexFormat.VERSION
              + ". "
              + (version.equals(UPGRADABLE)
                  ? "Bring it up to date: ./gill corpus upgrade --index " + index
                  : again(index)));
    }
    List<String> missing = new ArrayList<>();
    for (String key :
        List.of(KEY_NAME, KEY_BUNDLE_VERSION, KEY_FINGERPRINT, KEY_CLIP, KEY_GILL, KEY_ROOT)) {
      if (!data.containsKey(key)) {
        missing.add(key);
      }
    }
    if (!missing.isEmpty()) {
      throw new IndexException(
          "the index " + index + " lacks " + missing + " in its commit data. " + again(index));
    }
    try {
      return new IndexHeader(
          new BundleStamp(
              data.getOrDefault(KEY_NAME, ""),
              data.getOrDefault(KEY_BUNDLE_VERSION, ""),
              data.getOrDefault(KEY_FINGERPRINT, "")),
          Integer.parseInt(data.getOrDefault(KEY_CLIP, "")),
          Integer.parseInt(data.getOrDefault(KEY_GILL, "")),
          imageRoot(index, data),
          vectorFormat(data));
    } catch (IllegalArgumentException e) {
      throw new IndexException(
          "the index "
              + index
              + " has unusable commit data: "
              + e.getMessage()
              + ". "
              + again(index),
          e);
    }
  }

  /// The vector format that the data names. Throws [IllegalArgumentException] if it is unknown.
  static VectorFormat vectorFormat(Map<String, String> data) {
    return VectorFormat.of(data.getOrDefault(KEY_VECTORS, VectorFormat.F32.id()));
  }

  /// The data of an index of vectors alone.
  static Map<String, String> ofVectors(VectorFormat format) {
    return Map.of(KEY_VECTORS, format.id());
  }

  private static Path imageRoot(Path index, Map<String, String> data) throws InvalidPathException {
    String relative = data.get(KEY_RELATIVE_ROOT);
    if (relative != null) {
      Path moved = index.toAbsolutePath().normalize().resolve(relative).normalize();
      if (Files.isDirectory(moved)) {
        return moved;
      }
    }
    return Path.of(data.getOrDefault(KEY_ROOT, ""));
  }

  /// What to do about an index that cannot be used.
  static String again(Path index) {
    return "Index again: ./gill index <folder or manifest.jsonl> --out " + index;
  }

  /// The same data as the present version writes it, if it can be brought up to date by itself;
  /// else as it is.
  static Map<String, String> upgraded(Map<String, String> data) {
    Map<String, String> same = new LinkedHashMap<>(data);
    same.replace(KEY_VERSION, UPGRADABLE, Integer.toString(IndexFormat.VERSION));
    return same;
  }
}
