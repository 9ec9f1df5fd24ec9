package gill.web.api;

import gill.engine.flow.ImageId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// The addresses under which images are served: `/v1/images/{id}` for the corpus (an id may hold
/// slashes), `/v1/images/generated/{sha256}`, and `/v1/images/sent/{sha256}` for what readers sent.
final class ImageUrls {
  static final String PREFIX = "/v1/images/";
  static final String GENERATED = PREFIX + "generated/";
  static final String SENT = PREFIX + "sent/";

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

  static String ofSent(String sha256) {
    return SENT + sha256;
  }

  static String ofGenerated(String sha256) {
    return GENERATED + sha256;
  }
}
