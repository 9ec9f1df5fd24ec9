package gill.indexer.read;

import gill.engine.runtime.Sha256;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Addresses of pictures in manifests, and the files that they are fetched into.
final class ManifestUrls {
  /// The key of the address; the others are what other tools call it.
  static final List<String> KEYS = List.of("url", "URL", "source_url", "image_url");

  private static final Set<String> EXTENSIONS =
      Set.of("jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "svg");

  private ManifestUrls() {}

  /// Whether columns or keys describe pictures by address, not by file.
  static boolean describe(Iterable<String> columns) {
    boolean addressed = false;
    for (String column : columns) {
      if (ManifestRow.FILE.contains(column)) {
        return false;
      }
      addressed |= KEYS.contains(column);
    }
    return addressed;
  }

  /// The address, if it is one that can be fetched: http or https, with a host, without a password.
  static Optional<URI> parse(String url) {
    try {
      URI uri = new URI(url.strip());
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      boolean usable =
          (scheme.equals("http") || scheme.equals("https"))
              && uri.getHost() != null
              && uri.getUserInfo() == null;
      return usable ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  /// Where a fetched picture goes: `ab/abcdef….jpg`. The same address is the same file.
  static String location(URI url) {
    String digest = Sha256.of(url.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 32);
    String path = String.valueOf(url.getPath());
    String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return digest.substring(0, 2)
        + "/"
        + digest
        + "."
        + (EXTENSIONS.contains(extension) ? extension : "jpg");
  }

  /// The words of the address's last part.
  static String caption(URI url) {
    String path = String.valueOf(url.getPath());
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.isBlank() ? String.valueOf(url.getHost()) : Captions.words(Captions.stem(name));
  }
}
