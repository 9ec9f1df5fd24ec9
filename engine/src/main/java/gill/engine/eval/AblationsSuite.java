package gill.engine.eval;

import gill.engine.runtime.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What each part of the training brings (the paper's ablations): not measured here but by `python
/// -m gill_training ablations`, whose figures the bundle carries in `metrics/ablations.json`.
final class AblationsSuite implements Suite {
  @Override
  public String name() {
    return "ablations";
  }

  @Override
  public String more(Subject subject) {
    try {
      return Files.isRegularFile(subject.ablations()) ? Sha256.of(subject.ablations()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + subject.ablations(), e);
    }
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    Path file = subject.ablations();
    if (!Files.isRegularFile(file)) {
      run.block("The bundle carries no `metrics/ablations.json`.");
      run.progress(1, 1);
      return;
    }
    JsonNode report = new JsonMapper().readTree(file);
    for (Map.Entry<String, JsonNode> part : report.properties()) {
      if (part.getValue() instanceof ObjectNode object
          && object.properties().stream().anyMatch(it -> it.getValue() instanceof ObjectNode)) {
        run.block(table(part.getKey(), object));
      }
    }
    run.block(
        "Made by `%s`, seed %s; each row one training, intervals over its requests."
            .formatted(report.path("command").asString(""), report.path("seed").asString("")));
    run.progress(1, 1);
  }

  /// A row an inner object; nested numbers become columns named by their path.
  static String table(String name, ObjectNode rows) {
    Map<String, Map<String, String>> cells = new LinkedHashMap<>();
    Set<String> columns = new LinkedHashSet<>();
    for (Map.Entry<String, JsonNode> row : rows.properties()) {
      Map<String, String> flat = new LinkedHashMap<>();
      flatten("", row.getValue(), flat);
      cells.put(row.getKey(), flat);
      columns.addAll(flat.keySet());
    }
    StringBuilder text = new StringBuilder("| ").append(name).append(" |");
    columns.forEach(column -> text.append(' ').append(column).append(" |"));
    text.append("\n|---|").append("---|".repeat(columns.size())).append('\n');
    cells.forEach((row, flat) -> {
      text.append("| ").append(row).append(" |");
      columns.forEach(
          column -> text.append(' ').append(flat.getOrDefault(column, "")).append(" |"));
      text.append('\n');
    });
    return text.toString();
  }

  private static void flatten(String path, JsonNode node, Map<String, String> into) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(it ->
              flatten((path + " " + it.getKey().replace('_', ' ')).strip(), it.getValue(), into));
    } else {
      into.put(path.isEmpty() ? "value" : path, node.asString(""));
    }
  }
}
