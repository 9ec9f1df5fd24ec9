package gill.web.api;

import gill.engine.flow.ImageId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// The addresses under which images are served: `/v1/images/{id}` for the corpus (an id may hold
/// slashes) and `/v1/images/generated/{sha256}`.
final class ImageUrls {
  static final String PREFIX = "/v1/images/";
  static final String GENERATED = PREFIX + "generated/";

  private ImageUrls() {}

  static String of(ImageId id) {
    StringBuilder url = new StringBuilder(PREFIX);
    String separator = "";
    for (String segment : id.value().split("/", -1)) {
      url.append(separator)
          .append(URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"));
      separator = "/";
    }
    return url.toString();
  }

  static String ofGenerated(String sha256) {
    return GENERATED + sha256;
  }
}
