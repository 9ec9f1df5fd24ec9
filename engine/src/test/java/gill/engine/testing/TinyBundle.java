package gill.engine.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The committed bundle of seeded random weights: every part, real names and types, 200 KiB.
///
/// Made by `python -m gill_training tiny-bundle`.
public final class TinyBundle {
  private TinyBundle() {}

  /// Copies the bundle into the new folder `directory/tiny-bundle` and returns that folder. Tests
  /// may change the copy.
  public static Path copyTo(Path directory) {
    Path bundle = directory.resolve("tiny-bundle");
    try {
      copy("bundle.json", bundle);
      JsonNode manifest =
          new JsonMapper().readTree(Files.readString(bundle.resolve("bundle.json")));
      for (JsonNode file : manifest.get("files")) {
        copy(file.get("path").asString(), bundle);
      }
      return bundle;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(String file, Path bundle) throws IOException {
    try (InputStream resource =
        TinyBundle.class.getClassLoader().getResourceAsStream("tiny-bundle/" + file)) {
      if (resource == null) {
        throw new IOException("the test resource tiny-bundle/" + file + " is missing");
      }
      Path target = bundle.resolve(file);
      Files.createDirectories(target.getParent());
      Files.copy(resource, target);
    }
  }
}
