package gill.indexer.read;

import gill.indexer.flow.CorpusRow;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Rows of a table as rows of a manifest: a column is a key. `keywords` and `colours` are lists,
/// `;` between their words; a column `names.de` is the caption in German.
final class Table {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Set<String> LISTS = Set.of("keywords", "colours");
  private static final Pattern SEPARATOR = Pattern.compile("\\s*;\\s*");

  private final ManifestRow rows;

  Table(Path path, Path root, ManifestRow.Pictures pictures) {
    this.rows = new ManifestRow(path, root, pictures);
  }

  CorpusRow row(String place, Map<String, String> columns) {
    ObjectNode object = JSON.createObjectNode();
    columns.forEach((column, value) -> put(object, column, value));
    return rows.row(place, object);
  }

  CorpusRow bad(String place, String message) {
    return rows.bad(place, message);
  }

  private static void put(ObjectNode object, String column, String value) {
    if (value.isBlank()) {
      return;
    }
    if (LISTS.contains(column)) {
      var list = object.putArray(column);
      List.of(SEPARATOR.split(value.strip())).forEach(list::add);
    } else if (column.startsWith("names.")) {
      ((ObjectNode) object.withObjectProperty("names"))
          .put(column.substring("names.".length()), value);
    } else {
      object.put(column, value);
    }
  }
}
