package gill.web.api;

import gill.engine.flow.Filter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Filters as JSON: an object whose keys must all hold. A key is `and`, `or`, `not`, or a field
/// with a text, a number, an array of texts, or a range `{"min", "max"}`.
final class FilterReader {
  private FilterReader() {}

  static Filter read(JsonNode node, String path) {
    if (!node.isObject()) {
      throw Problem.wrongType(path, "an object", Fields.kind(node));
    }
    List<Filter> all = new ArrayList<>();
    for (String key : node.propertyNames()) {
      JsonNode value = node.get(key);
      String at = path + "." + key;
      all.add(
          switch (key) {
            case "and" -> new Filter.And(list(value, at));
            case "or" -> new Filter.Or(list(value, at));
            case "not" -> new Filter.Not(read(value, at));
            default -> condition(key, value, at);
          });
    }
    return all.size() == 1 ? all.getFirst() : new Filter.And(all);
  }

  private static List<Filter> list(JsonNode node, String path) {
    if (!node.isArray() || node.isEmpty()) {
      throw Problem.wrongType(path, "an array of at least one filter", Fields.kind(node));
    }
    List<Filter> filters = new ArrayList<>();
    for (JsonNode each : node.values()) {
      filters.add(read(each, path + "[" + filters.size() + "]"));
    }
    return filters;
  }

  private static Filter condition(String field, JsonNode value, String path) {
    if (value.isString()) {
      return Filter.In.of(field, value.stringValue());
    }
    if (value.isNumber()) {
      return new Filter.Between(field, value.doubleValue(), value.doubleValue());
    }
    if (value.isArray()) {
      return new Filter.In(
          field, value.values().stream().map(each -> Fields.textOf(each, path)).toList());
    }
    if (value.isObject()) {
      return range(field, Fields.of(value, path), path);
    }
    throw Problem.wrongType(path, "a text, a number, an array or a range", Fields.kind(value));
  }

  private static Filter range(String field, Fields range, String path) {
    boolean text =
        range.node("min").map(JsonNode::isString).orElse(false)
            || range.node("max").map(JsonNode::isString).orElse(false);
    try {
      Filter filter =
          text
              ? new Filter.TextBetween(
                  field, range.text("min").orElse(""), range.text("max").orElse(""))
              : new Filter.Between(
                  field,
                  range.number("min", -1e300, 1e300, Double.NEGATIVE_INFINITY),
                  range.number("max", -1e300, 1e300, Double.POSITIVE_INFINITY));
      range.done();
      return filter;
    } catch (IllegalArgumentException e) {
      throw Problem.invalid(path, "The range ends before it begins: " + e.getMessage() + ".");
    }
  }
}
