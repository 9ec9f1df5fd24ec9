package gill.web.cli;

import gill.engine.retrieval.solr.SolrFolder;
import gill.engine.retrieval.solr.SolrPlace;
import gill.web.api.Api;
import java.io.IOException;
import java.nio.file.Files;
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

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "lucene",
      description =
          "Where the images are searched: lucene (an index folder) or solr (a collection; give"
              + " --solr-url and --collection) (default: lucene).")
  private String backend = "lucene";

  @Option(
      names = "--solr-url",
      paramLabel = "URL",
      description = "Addresses of Solr nodes, commas between: http://host:8983/solr,...")
  private String solrUrl = "";

  @Option(
      names = "--collection",
      paramLabel = "NAME",
      description = "Solr collection, or an alias of one.")
  private String collection = "";

  static Path root() {
    return Path.of(System.getProperty("gill.root", "")).toAbsolutePath().normalize();
  }

  Path bundle() {
    return bundle.toString().isEmpty() ? root().resolve(DEFAULT_BUNDLE) : bundle;
  }

  /// Whether a collection is named by its address.
  boolean isSolr() {
    return backend.equals("solr");
  }

  Path index() {
    return switch (backend) {
      case "lucene" -> index(index);
      case "solr" -> collection(solrUrl, collection);
      default -> throw new CommandException("--backend is lucene or solr, got " + backend, 2);
    };
  }

  /// A folder that stands for the collection, as long as the program runs; no index lies beside it.
  private static Path collection(String urls, String collection) {
    try {
      SolrPlace place = SolrPlace.of(urls, collection);
      Path alone = Files.createTempDirectory("gill-solr");
      Path folder = alone.resolve(collection);
      SolrFolder.write(folder, place);
      Path file = folder.resolve("solr.properties");
      alone.toFile().deleteOnExit();
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return folder;
    } catch (IllegalArgumentException e) {
      throw new CommandException("--solr-url and --collection: " + e.getMessage(), 2);
    } catch (IOException e) {
      throw new CommandException("cannot make a temporary folder: " + e.getMessage(), 1);
    }
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
