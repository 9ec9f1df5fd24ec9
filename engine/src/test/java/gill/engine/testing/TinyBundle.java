package gill.engine.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
    return copyTo(directory.resolve("tiny-bundle"), List.of("tiny-bundle"));
  }

  /// The same bundle with an image generator that reads drafts, in `directory/tiny-drafts`.
  public static Path withDraftsTo(Path directory) {
    return copyTo(directory.resolve("tiny-drafts"), List.of("tiny-drafts", "tiny-bundle"));
  }

  /// @param resources folders of files; of two with a file of one name, the first one's counts
  private static Path copyTo(Path bundle, List<String> resources) {
    try {
      copy("bundle.json", bundle, resources);
      JsonNode manifest =
          new JsonMapper().readTree(Files.readString(bundle.resolve("bundle.json")));
      for (JsonNode file : manifest.get("files")) {
        copy(file.get("path").asString(), bundle, resources);
      }
      return bundle;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(String file, Path bundle, List<String> resources) throws IOException {
    ClassLoader loader = TinyBundle.class.getClassLoader();
    String name =
        resources.stream()
            .map(folder -> folder + "/" + file)
            .filter(path -> loader.getResource(path) != null)
            .findFirst()
            .orElseThrow(() -> new IOException("no test resource " + file + " in " + resources));
    try (InputStream resource = Objects.requireNonNull(loader.getResourceAsStream(name))) {
      Path target = bundle.resolve(file);
      Files.createDirectories(target.getParent());
      Files.copy(resource, target);
    }
  }
}
