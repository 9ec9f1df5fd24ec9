package gill.engine.testing;

import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The default bundle, fetched parts included, and its reference values. For tests tagged `bundle`.
///
/// `-Dgill.bundle=<folder>` names another one.
public final class DefaultBundle {
  private DefaultBundle() {}

  public static Path folder() {
    String named = System.getProperty("gill.bundle", "");
    return named.isEmpty()
        ? Path.of(System.getProperty("gill.root", ".")).resolve("index-data/models/icons")
        : Path.of(named);
  }

  /// `golden/<part>.json`.
  public static JsonNode golden(String part) {
    return new JsonMapper().readTree(folder().resolve("golden").resolve(part + ".json"));
  }

  /// `golden/<part>.safetensors`.
  public static Golden tensors(String part) {
    return Golden.read(folder().resolve("golden").resolve(part + ".safetensors"));
  }
}
