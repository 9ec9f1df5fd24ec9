package gill.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/// Where an image comes from, as the flat map that LangChain4j keeps beside contents.
final class Provenance {
  private Provenance() {}

  /// The fields of an image or a hit that are text or numbers, under their names of the API
  /// (docs/api.md), `url` as a whole address.
  static Map<String, Object> of(JsonNode image, GillServer server) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : image.properties()) {
      JsonNode value = field.getValue();
      if (value.isTextual()) {
        map.put(field.getKey(), value.textValue());
      } else if (value.isIntegralNumber()) {
        map.put(field.getKey(), value.longValue());
      } else if (value.isNumber()) {
        map.put(field.getKey(), value.doubleValue());
      }
    }
    map.computeIfPresent("url", (_, path) -> server.address(path.toString()).toString());
    return map;
  }
}
