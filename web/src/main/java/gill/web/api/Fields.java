package gill.web.api;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The fields of one JSON object, read strictly: a wrong type and a field nobody asked for are
/// refused by name. `null` counts as absent.
final class Fields {
  private static final int MAX_DEPTH = 32;

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Limits.DEFAULT.bodyBytes())
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final JsonNode object;
  private final String path;
  private final Set<String> known = new TreeSet<>();

  private Fields(JsonNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /// Parses a request's body, which must be one JSON object.
  static Fields parse(byte[] body) {
    if (body.length == 0) {
      throw new Problem(400, "invalid_json", "The body is empty; send a JSON object.");
    }
    JsonNode root;
    try {
      root = STRICT.readTree(body);
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw new Problem(
          400, "invalid_json", "The body is not valid JSON" + where + ": " + firstLine(e) + ".");
    }
    return of(root, "");
  }

  /// `node` as an object; `path` names it in messages (empty = the body itself).
  static Fields of(JsonNode node, String path) {
    if (!node.isObject()) {
      String name = path.isEmpty() ? "The body" : path;
      throw new Problem(
          400,
          "wrong_type",
          name + " must be a JSON object, but is " + kind(node) + ".",
          path.isEmpty() ? null : path);
    }
    return new Fields(node, path);
  }

  private static String firstLine(JacksonException e) {
    String text = e.getOriginalMessage() == null ? "unreadable" : e.getOriginalMessage();
    String line = text.lines().findFirst().orElse("unreadable");
    return line.length() > 160 ? line.substring(0, 160) + "…" : line;
  }

  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  Optional<JsonNode> node(String name) {
    known.add(name);
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  /// Whichever of two names for one thing was sent, the first if none; both at once are refused.
  String eitherName(String name, String other) {
    boolean second = node(other).isPresent();
    if (second && node(name).isPresent()) {
      throw Problem.invalid(
          path(name), path(name) + " and " + path(other) + " mean the same; send one of them.");
    }
    known.add(name);
    return second ? other : name;
  }

  Optional<String> text(String name) {
    return node(name).map(value -> textOf(value, path(name)));
  }

  static String textOf(JsonNode value, String path) {
    if (!value.isString()) {
      throw Problem.wrongType(path, "a string", kind(value));
    }
    return value.stringValue();
  }

  Optional<List<JsonNode>> array(String name) {
    return node(name)
        .map(value -> {
          if (!value.isArray()) {
            throw Problem.wrongType(path(name), "an array", kind(value));
          }
          return List.copyOf(value.values());
        });
  }

  boolean flag(String name) {
    return flag(name, false);
  }

  boolean flag(String name, boolean usual) {
    Optional<JsonNode> value = node(name);
    if (value.isPresent() && !value.get().isBoolean()) {
      throw Problem.wrongType(path(name), "true or false", kind(value.get()));
    }
    return value.map(JsonNode::booleanValue).orElse(usual);
  }

  OptionalLong integer(String name, long least, long most) {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!value.get().isIntegralNumber()) {
      throw Problem.wrongType(path(name), "a whole number", kind(value.get()));
    }
    if (!value.get().canConvertToLong()
        || value.get().longValue() < least
        || value.get().longValue() > most) {
      throw outOfRange(name, least + " to " + most, value.get());
    }
    return OptionalLong.of(value.get().longValue());
  }

  int integer(String name, int least, int most, int otherwise) {
    return (int) integer(name, (long) least, (long) most).orElse(otherwise);
  }

  OptionalDouble number(String name, double least, double most) {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (!value.get().isNumber()) {
      throw Problem.wrongType(path(name), "a number", kind(value.get()));
    }
    double number = value.get().doubleValue();
    if (!(number >= least && number <= most)) {
      throw outOfRange(name, least + " to " + most, value.get());
    }
    return OptionalDouble.of(number);
  }

  double number(String name, double least, double most, double otherwise) {
    return number(name, least, most).orElse(otherwise);
  }

  /// One of the constants of `type`, written in lower case.
  <E extends Enum<E>> E choice(String name, Class<E> type, E otherwise) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(value.get())) {
        return constant;
      }
    }
    List<String> all =
        List.of(type.getEnumConstants()).stream()
            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
            .toList();
    throw Problem.invalid(
        path(name),
        path(name) + " must be one of " + String.join(", ", all) + ", got " + quote(value.get()));
  }

  /// The object as it was sent, without its empty fields.
  ObjectNode copy() {
    ObjectNode copy = (ObjectNode) object.deepCopy();
    copy.properties().removeIf(field -> field.getValue().isNull());
    return copy;
  }

  /// Refuses what no accessor has asked for.
  void done() {
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw new Problem(
            400,
            "unknown_field",
            "Unknown field "
                + quote(path(name))
                + "; known here: "
                + String.join(", ", known)
                + ". Remove it or correct its name.",
            path(name));
      }
    }
  }

  static String quote(String text) {
    return '"' + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + '"';
  }

  private Problem outOfRange(String name, String range, JsonNode value) {
    return Problem.invalid(
        path(name), path(name) + " must be in the range " + range + ", got " + value + ".");
  }

  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case BINARY, MISSING, POJO -> "something else";
    };
  }
}
