package gill.indexer.read;

import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.NearDuplicate;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The files a job leaves in the index folder: `indexing-report.json`, one failure a line in
/// `indexing-failures.jsonl` (and as Parquet where that is asked for), one image that repeats
/// another a line in `indexing-duplicates.jsonl`. Not for use by several threads.
public final class ReportFiles implements AutoCloseable {
  public static final String REPORT = "indexing-report.json";
  public static final String FAILURES = "indexing-failures.jsonl";
  public static final String FAILURE_TABLE = "indexing-failures.parquet";
  public static final String DUPLICATES = "indexing-duplicates.jsonl";

  private static final String PART = "indexing-failures.part.jsonl";
  private static final String TABLE_PART = "indexing-failures.part.parquet";
  private static final String DUPLICATES_PART = "indexing-duplicates.part.jsonl";

  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final BufferedWriter failures;
  private final BufferedWriter duplicates;
  private final @Nullable FailureTable table;

  /// Without a Parquet file.
  public ReportFiles(Path folder) {
    this(folder, false);
  }

  /// Starts empty files under other names: the last job's stay until [#publish].
  ///
  /// @param parquet whether failures are written as Parquet too
  public ReportFiles(Path folder, boolean parquet) {
    this.folder = folder;
    try {
      this.failures = Files.newBufferedWriter(folder.resolve(PART));
      this.duplicates = Files.newBufferedWriter(folder.resolve(DUPLICATES_PART));
      Files.deleteIfExists(folder.resolve(TABLE_PART));
      this.table = parquet ? new FailureTable(folder.resolve(TABLE_PART)) : null;
    } catch (IOException e) {
      throw failed(FAILURES, e);
    }
  }

  public void write(Failure failure) {
    try {
      failures.write(toJson(failure));
      failures.newLine();
      if (table != null) {
        table.write(failure);
      }
    } catch (IOException e) {
      throw failed(FAILURES, e);
    }
  }

  public void write(NearDuplicate duplicate) {
    try {
      duplicates.write(JSON.writeValueAsString(ReportJson.of(duplicate)));
      duplicates.newLine();
    } catch (IOException e) {
      throw failed(DUPLICATES, e);
    }
  }

  /// Makes what was written so far the folder's files.
  public void publish() {
    try {
      closeAll();
      move(PART, FAILURES);
      move(DUPLICATES_PART, DUPLICATES);
      if (table == null) {
        Files.deleteIfExists(folder.resolve(FAILURE_TABLE));
      } else {
        move(TABLE_PART, FAILURE_TABLE);
      }
    } catch (IOException e) {
      throw failed(FAILURES, e);
    }
  }

  private void move(String from, String to) throws IOException {
    Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
  }

  /// Writes the report and makes the other files the folder's.
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
    ObjectNode object = ReportJson.of(report);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object);
  }

  /// A line of the failure file.
  public static String toJson(Failure failure) {
    return JSON.writeValueAsString(ReportJson.of(failure));
  }

  private UncheckedIOException failed(String file, IOException e) {
    return new UncheckedIOException("cannot write " + folder.resolve(file), e);
  }

  private void closeAll() throws IOException {
    failures.close();
    duplicates.close();
    if (table != null) {
      table.close();
    }
  }

  @Override
  public void close() {
    try {
      closeAll();
      Files.deleteIfExists(folder.resolve(PART));
      Files.deleteIfExists(folder.resolve(DUPLICATES_PART));
      Files.deleteIfExists(folder.resolve(TABLE_PART));
    } catch (IOException e) {
      throw failed(FAILURES, e);
    }
  }
}
