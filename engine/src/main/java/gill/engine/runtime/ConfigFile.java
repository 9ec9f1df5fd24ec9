package gill.engine.runtime;

import gill.engine.fault.BundleException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A JSON object of a bundle's part, e.g. `preprocessor_config.json`, read key by key.
///
/// A missing key or a value of another type is a [BundleException] naming file and key.
public final class ConfigFile {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final String where;
  private final ObjectNode node;

  private ConfigFile(String where, ObjectNode node) {
    this.where = where;
    this.node = node;
  }

  public static ConfigFile read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BundleException(file + " is missing", List.of());
    }
    try {
      return of(file.toString(), MAPPER.readTree(file));
    } catch (JacksonException e) {
      throw new BundleException(file + " is not JSON: " + e.getOriginalMessage(), List.of());
    }
  }

  /// Parses text; `where` names it in faults.
  public static ConfigFile parse(String where, String json) {
    try {
      return of(where, MAPPER.readTree(json));
    } catch (JacksonException e) {
      throw new BundleException(where + " is not JSON: " + e.getOriginalMessage(), List.of());
    }
  }

  private static ConfigFile of(String where, JsonNode node) {
    if (node instanceof ObjectNode object) {
      return new ConfigFile(where, object);
    }
    throw new BundleException(where + " must be a JSON object", List.of());
  }

  /// True if the key is there and not null.
  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  public ConfigFile object(String key) {
    if (node.get(key) instanceof ObjectNode object) {
      return new ConfigFile(where + ": " + key, object);
    }
    throw fault(key + " must be an object");
  }

  public int integer(String key) {
    JsonNode value = node.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw fault(key + " must be an integer");
    }
    return value.intValue();
  }

  public int integer(String key, int fallback) {
    return has(key) ? integer(key) : fallback;
  }

  public double number(String key) {
    JsonNode value = node.path(key);
    if (!value.isNumber()) {
      throw fault(key + " must be a number");
    }
    return value.doubleValue();
  }

  public double number(String key, double fallback) {
    return has(key) ? number(key) : fallback;
  }

  public boolean flag(String key, boolean fallback) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode value = node.path(key);
    if (!value.isBoolean()) {
      throw fault(key + " must be true or false");
    }
    return value.booleanValue();
  }

  public String text(String key) {
    JsonNode value = node.path(key);
    if (!value.isString()) {
      throw fault(key + " must be a string");
    }
    return value.stringValue();
  }

  public String text(String key, String fallback) {
    return has(key) ? text(key) : fallback;
  }

  public List<Double> numbers(String key) {
    JsonNode array = node.path(key);
    if (!array.isArray()) {
      throw fault(key + " must be a list of numbers");
    }
    List<Double> values = new ArrayList<>();
    for (JsonNode value : array) {
      if (!value.isNumber()) {
        throw fault(key + " must be a list of numbers");
      }
      values.add(value.doubleValue());
    }
    return List.copyOf(values);
  }

  /// A fault of this file, to be thrown.
  public BundleException fault(String rule) {
    return new BundleException(where + ": " + rule, List.of());
  }
}
