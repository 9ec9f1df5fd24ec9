package gill.web.cli;

import gill.web.api.Api;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Where the bundle and the index lie: options shared by the subcommands (a picocli mixin).
///
/// Paths given by the user are relative to the working folder; the defaults lie under the project's
/// root, which the launcher hands over as the system property `gill.root`.
final class Places {
  static final String DEFAULT_BUNDLE = "index-data/models/icons";
  static final String DEFAULT_INDEX = "index-data/index/icons";
  static final String DEFAULT_CORPUS = "index-data/corpus";

  static final String DEFAULT_STATE = "state";

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description = "Model bundle (default: " + DEFAULT_BUNDLE + ").")
  private Path bundle = Path.of("");

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description = "Image index (default: " + DEFAULT_INDEX + ").")
  private Path index = Path.of("");

  static Path root() {
    return Path.of(System.getProperty("gill.root", "")).toAbsolutePath().normalize();
  }

  Path bundle() {
    return bundle.toString().isEmpty() ? root().resolve(DEFAULT_BUNDLE) : bundle;
  }

  Path index() {
    return index(index);
  }

  /// The index at `given`; an empty path means the default.
  static Path index(Path given) {
    return given.toString().isEmpty() ? root().resolve(DEFAULT_INDEX) : given;
  }

  /// Where a server keeps what survives a restart; an empty path means the default.
  static Path state(Path given) {
    return given.toString().isEmpty() ? root().resolve(DEFAULT_STATE) : given;
  }

  static Path keys(Path state) {
    return state.resolve(Api.KEYS);
  }

  /// The default corpus, which `gill demo` and `gill index` read when no other is named.
  static Path corpus() {
    return root().resolve(DEFAULT_CORPUS);
  }
}
