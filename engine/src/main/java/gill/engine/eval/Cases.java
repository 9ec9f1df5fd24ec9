package gill.engine.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The evaluation's cases: one JSON object a line, one file a suite. Within a kind they are in
/// random order, so that the first few are a fair sample.
final class Cases {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  private final Path folder;
  private final int limit;

  Cases(Path folder, int limit) {
    this.folder = folder;
    this.limit = limit;
  }

  Path file(String name) {
    return folder.resolve(name + ".jsonl");
  }

  /// The cases of a file, of each kind at most as many as the limit says. Throws
  /// [UncheckedIOException] naming the line that cannot be read.
  <T> List<T> read(String name, Class<T> type, Function<T, String> kind) {
    Map<String, Integer> counts = new HashMap<>();
    List<T> cases = new ArrayList<>();
    for (T one : read(name, type)) {
      if (limit == 0 || counts.merge(kind.apply(one), 1, Integer::sum) <= limit) {
        cases.add(one);
      }
    }
    return cases;
  }

  /// All cases of a file.
  <T> List<T> read(String name, Class<T> type) {
    Path file = file(name);
    List<T> cases = new ArrayList<>();
    try {
      int line = 0;
      for (String text : Files.readAllLines(file)) {
        line++;
        try {
          cases.add(MAPPER.readValue(text, type));
        } catch (JacksonException e) {
          throw new IOException(file + ":" + line + ": " + e.getOriginalMessage(), e);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read the cases "
              + file
              + " ("
              + e.getMessage()
              + "); write them with: python -m gill_training eval-data",
          e);
    }
    return cases;
  }
}
