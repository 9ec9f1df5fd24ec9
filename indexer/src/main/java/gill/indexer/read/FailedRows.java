package gill.indexer.read;

import gill.engine.runtime.Sha256;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The rows that the last job's failure report names, by id or by manifest line.
public final class FailedRows implements Predicate<CorpusRow> {
  private final Set<String> ids;

  private FailedRows(Set<String> ids) {
    this.ids = ids;
  }

  /// Reads the failure report of an index folder. Throws [CorpusException] if there is none.
  public static FailedRows read(Path index) {
    Path file = index.resolve(ReportFiles.FAILURES);
    if (!Files.isRegularFile(file)) {
      throw new CorpusException(
          "nothing to try again: there is no failure report " + file + ". Index first");
    }
    try (var lines = Files.lines(file)) {
      JsonMapper json = new JsonMapper();
      Set<String> ids = new HashSet<>();
      lines
          .filter(line -> !line.isBlank())
          .map(json::readTree)
          .map(FailedRows::id)
          .forEach(ids::add);
      return new FailedRows(ids);
    } catch (IOException | JacksonException e) {
      throw new CorpusException("cannot read the failure report " + file + ": " + e, e);
    }
  }

  private static String id(JsonNode failure) {
    return failure.path("id").asString("");
  }

  @Override
  public boolean test(CorpusRow row) {
    return switch (row) {
      case CorpusRow.Broken(Failure failure) -> ids.contains(failure.id());
      case CorpusRow.Described(String place, var entry) ->
          ids.contains(entry.id().value()) || ids.contains(place);
      case CorpusRow.Embedded embedded ->
          ids.contains(embedded.entry().id().value()) || ids.contains(embedded.place());
    };
  }

  /// Tells this set of rows from others.
  public String fingerprint() {
    return Sha256.of(String.join("\n", new TreeSet<>(ids)).getBytes(StandardCharsets.UTF_8));
  }
}
