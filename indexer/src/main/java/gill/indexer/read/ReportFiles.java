package gill.indexer.read;

import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The files a job leaves in the index folder: `indexing-report.json`, and one failure a line in
/// `indexing-failures.jsonl`.
public final class ReportFiles implements AutoCloseable {
  public static final String REPORT = "indexing-report.json";
  public static final String FAILURES = "indexing-failures.jsonl";

  private static final String PART = "indexing-failures.part.jsonl";

  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final BufferedWriter failures;

  /// Starts an empty failure file under another name: the last job's stays until [#publish].
  public ReportFiles(Path folder) {
    this.folder = folder;
    try {
      this.failures = Files.newBufferedWriter(folder.resolve(PART));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + folder.resolve(FAILURES), e);
    }
  }

  public void write(Failure failure) {
    try {
      failures.write(JSON.writeValueAsString(json(failure)));
      failures.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + folder.resolve(FAILURES), e);
    }
  }

  /// Makes the failures written so far the folder's failure file.
  public void publish() {
    Path file = folder.resolve(FAILURES);
    try {
      failures.close();
      Files.move(folder.resolve(PART), file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /// Writes the report and makes the failures the folder's.
  public void publish(IndexingReport report) {
    publish();
    replace(folder, report);
  }

  /// Writes the report of an index folder, whose failures are published.
  public static void replace(Path folder, IndexingReport report) {
    Path file = folder.resolve(REPORT);
    try {
      Files.writeString(file, toJson(report) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /// The report as a JSON object with snake_case keys.
  public static String toJson(IndexingReport report) {
    ObjectNode object = JSON.createObjectNode();
    object.put("source", report.source());
    object.put("index", report.index());
    object.put("bundle", report.bundle());
    object.put("fingerprint", report.fingerprint());
    object.put("total", report.total());
    object.put("images", report.images());
    object.put("duplicates", report.duplicates());
    object.put("resumed", report.resumed());
    object.put("added", report.changes().added());
    object.put("changed", report.changes().changed());
    object.put("unchanged", report.changes().unchanged());
    object.put("removed", report.changes().removed());
    object.put("failed", report.failed());
    ObjectNode reasons = object.putObject("failures_by_reason");
    report.failuresByReason().forEach(reasons::put);
    var rows = object.putArray("failures");
    report.failures().forEach(failure -> rows.add(json(failure)));
    object.put("started", report.started().toString());
    object.put("seconds", rounded(report.seconds()));
    object.put("images_per_second", rounded(report.imagesPerSecond()));
    ObjectNode stages = object.putObject("stage_seconds");
    report.stageSeconds().forEach((stage, seconds) -> stages.put(stage, rounded(seconds)));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object);
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private static ObjectNode json(Failure failure) {
    return JSON.createObjectNode()
        .put("id", failure.id())
        .put("path", failure.path())
        .put("reason", failure.reason())
        .put("message", failure.message());
  }

  @Override
  public void close() {
    try {
      failures.close();
      Files.deleteIfExists(folder.resolve(PART));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + folder.resolve(FAILURES), e);
    }
  }
}
