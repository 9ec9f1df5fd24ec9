package gill.engine.retrieval.solr;

import gill.engine.fault.IndexException;
import gill.engine.flow.Relevance;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.IndexInfo;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/// A folder that stands for a collection wherever an index folder is named: its one file
/// `solr.properties` holds `urls` (commas between) and `collection`.
public final class SolrFolder {
  private static final String FILE = "solr.properties";

  private SolrFolder() {}

  /// Whether the folder stands for a collection.
  public static boolean isOne(Path index) {
    return Files.isRegularFile(index.resolve(FILE));
  }

  /// Opens what the folder holds or stands for. Throws as [LuceneBackend#open] or
  /// [SolrBackend#open].
  public static SearchBackend open(Path index, BundleStamp bundle, Relevance relevance) {
    return isOne(index)
        ? SolrBackend.open(read(index), bundle, relevance)
        : LuceneBackend.open(index, bundle, relevance);
  }

  /// What the collection holds that the folder stands for. Throws as [SolrBackend#open].
  public static IndexInfo info(Path folder) {
    try (SolrCalls calls = SolrCalls.open(read(folder))) {
      SolrState state = SolrState.read(calls);
      return new IndexInfo(
          folder,
          state.header(),
          "solr-" + SolrLayout.VERSION,
          SolrFacts.images(calls),
          SolrState.written(calls));
    }
  }

  /// Throws [IndexException] if the file cannot be understood.
  public static SolrPlace read(Path folder) {
    Path file = folder.resolve(FILE);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
      return SolrPlace.of(
          properties.getProperty("urls", ""), properties.getProperty("collection", ""));
    } catch (IOException | IllegalArgumentException e) {
      throw new IndexException(
          file + " must hold urls=... and collection=...: " + e.getMessage(), e);
    }
  }

  /// Makes the folder, or points it at another collection. Throws [IndexException] if it cannot be
  /// written.
  public static void write(Path folder, SolrPlace place) {
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve(FILE),
          "urls=" + String.join(",", place.urls()) + "\ncollection=" + place.collection() + "\n");
    } catch (IOException e) {
      throw new IndexException("cannot write " + folder.resolve(FILE) + ": " + e.getMessage(), e);
    }
  }
}
