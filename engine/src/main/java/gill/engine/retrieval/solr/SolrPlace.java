package gill.engine.retrieval.solr;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// A collection of a SolrCloud.
///
/// @param urls addresses of at least one of its nodes, such as `http://host:8983/solr`; the others
///   are found through it
/// @param collection a collection or an alias of one
/// @param reading how long a question may take in all, repetitions on other nodes included
/// @param writing as `reading`, of a change; longer than the election of a shard's leader takes
public record SolrPlace(List<String> urls, String collection, Duration reading, Duration writing) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._][A-Za-z0-9._-]*");

  /// Throws [IllegalArgumentException] naming what is wrong.
  public SolrPlace {
    urls = urls.stream().map(SolrPlace::address).toList();
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("at least one address of a Solr node is needed");
    }
    requireName(collection);
    if (!reading.isPositive() || !writing.isPositive()) {
      throw new IllegalArgumentException("the times to wait must be positive");
    }
  }

  /// With the usual patience: 10 s for questions, 60 s for changes.
  public SolrPlace(List<String> urls, String collection) {
    this(urls, collection, Duration.ofSeconds(10), Duration.ofSeconds(60));
  }

  /// @param urls separated by commas
  public static SolrPlace of(String urls, String collection) {
    return new SolrPlace(
        Arrays.stream(urls.split(",")).map(String::strip).filter(it -> !it.isEmpty()).toList(),
        collection);
  }

  public SolrPlace of(String other) {
    return new SolrPlace(urls, other, reading, writing);
  }

  static void requireName(String collection) {
    if (!NAME.matcher(collection).matches()) {
      throw new IllegalArgumentException(
          "a collection's name has letters, digits, '.', '_' and '-' only and does not begin with"
              + " '-', got \""
              + collection
              + "\"");
    }
  }

  private static String address(String url) {
    try {
      URI uri = URI.create(url.replaceAll("/+$", ""));
      if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
        return uri.getPath().isEmpty() ? uri + "/solr" : uri.toString();
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "the address of a Solr node is like http://host:8983/solr, got \"" + url + "\"");
  }

  @Override
  public String toString() {
    return "the Solr collection '" + collection + "' at " + String.join(",", urls);
  }
}
