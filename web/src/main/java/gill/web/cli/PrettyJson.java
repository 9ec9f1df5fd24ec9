package gill.web.cli;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What the commands print with `--json`: indented, names as they are in Java.
final class PrettyJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private PrettyJson() {}

  static String of(Object value) {
    return MAPPER.writeValueAsString(value);
  }
}
