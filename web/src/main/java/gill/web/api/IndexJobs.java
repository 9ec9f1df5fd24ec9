package gill.web.api;

import gill.web.jobs.Corpora;
import gill.web.jobs.JobWork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Indexing as a job.
final class IndexJobs {
  private static final String SUFFIX = ".failures.jsonl";

  private final Corpora corpora;
  private final Path folder;
  private final JsonMapper json;

  /// @param folder for what could not be indexed, a file a job
  IndexJobs(Corpora corpora, Path folder, JsonMapper json) {
    this.corpora = corpora;
    this.folder = folder;
    this.json = json;
  }

  /// @param code why the image is not in the index; docs/indexing.md lists them
  record Failure(String id, String path, String code, String detail) {}

  record Failures(List<Failure> failures, long total) {}

  /// Reads the request; `asked` then names the index that is meant.
  JobWork work(Fields fields, ObjectNode asked) {
    String source =
        fields
            .text("source")
            .orElseThrow(
                () -> Problem.missing("source", "source is missing; name a folder or a manifest."));
    @Nullable String index = fields.text("index").orElse(null);
    Corpora.Mode mode = fields.choice("mode", Corpora.Mode.class, Corpora.Mode.NEW);
    fields.done();
    Corpora.Order order = new Corpora.Order(allowed(source), target(index), mode);
    asked.put("mode", JobsApi.lower(mode));
    asked.put("index", order.index().toString());
    return job -> {
      Corpora.Indexed indexed;
      try {
        indexed = corpora.index(order, folder.resolve(job.id() + SUFFIX), job::progress, job);
      } catch (IllegalArgumentException e) {
        throw Problem.invalid("source", Problems.sentence(e.getMessage()));
      }
      return new JobWork.Outcome(json.readTree(indexed.report()), indexed.counts());
    };
  }

  private Path allowed(String source) {
    if (!corpora.allowsIndexing()) {
      throw new Problem(
          403,
          "source_not_allowed",
          "This server indexes nothing over HTTP. Start it with gill serve --index-root DIR, where"
              + " DIR holds what may be indexed, or use gill index.",
          "source");
    }
    Path path;
    try {
      path = Path.of(source);
    } catch (InvalidPathException e) {
      throw Problem.invalid("source", "source is no path: " + e.getReason() + ".");
    }
    return corpora
        .source(path)
        .orElseThrow(() ->
            new Problem(
                403,
                "source_not_allowed",
                "source must be the absolute path of a folder or file within a folder that the"
                    + " server was started with (gill serve --index-root), got "
                    + Fields.quote(source)
                    + ".",
                "source"));
  }

  private Path target(@Nullable String index) {
    return corpora
        .target(index)
        .orElseThrow(() ->
            new Problem(
                403,
                "target_not_allowed",
                "index must be the name of a folder beside the index that is served, got "
                    + Fields.quote(String.valueOf(index))
                    + ".",
                "index"));
  }

  /// What a job could not index; none as long as it runs.
  Failures failures(String job, int skip, int limit) {
    Path file = folder.resolve(job + SUFFIX);
    if (!Files.exists(file)) {
      return new Failures(List.of(), 0);
    }
    List<Failure> found = new ArrayList<>();
    long total = 0;
    try (Stream<String> lines = Files.lines(file)) {
      Iterator<String> all = lines.iterator();
      while (all.hasNext()) {
        String line = all.next();
        if (total >= skip && found.size() < limit) {
          found.add(failure(json.readTree(line)));
        }
        total++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return new Failures(List.copyOf(found), total);
  }

  private static Failure failure(JsonNode row) {
    return new Failure(
        row.path("id").asString(""),
        row.path("path").asString(""),
        row.path("reason").asString(""),
        row.path("message").asString(""));
  }
}
