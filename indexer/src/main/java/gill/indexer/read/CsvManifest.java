package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Images described by a CSV or TSV file in UTF-8 whose first record names the columns ([Table]).
///
/// Fields may be quoted (RFC 4180): `"` doubled inside, separators and line ends kept. A record
/// with more or fewer fields than the header is a failure of that record.
public final class CsvManifest implements CorpusSource {
  private final Path path;
  private final Path root;
  private final char separator;
  private final ManifestRow.Pictures pictures;

  /// @param separator `,` or a tab
  /// @param root the folder that files start from
  public CsvManifest(Path path, Path root, char separator) {
    this(path, root, separator, ManifestRow.Pictures.FILES);
  }

  CsvManifest(Path path, Path root, char separator, ManifestRow.Pictures pictures) {
    this.pictures = pictures;
    this.path = path;
    this.root = root.toAbsolutePath().normalize();
    this.separator = separator;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public long count() {
    try (Stream<CorpusRow> rows = rows()) {
      return rows.count();
    } catch (UncheckedIOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public Stream<CorpusRow> rows() {
    try {
      Reader reader =
          new BufferedReader(
              new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8));
      CsvRecords records = new CsvRecords(reader, separator);
      List<String> header = records.hasNext() ? records.next() : List.of();
      Table table = new Table(path, root, pictures);
      AtomicLong number = new AtomicLong(1);
      return stream(records)
          .map(fields -> row(table, header, fields, "record " + number.incrementAndGet()))
          .onClose(() -> close(reader));
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(e);
    }
  }

  /// What the header names.
  static List<String> columns(Path path, char separator) throws IOException {
    try (Reader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8))) {
      CsvRecords records = new CsvRecords(reader, separator);
      return records.hasNext() ? records.next().stream().map(String::strip).toList() : List.of();
    }
  }

  private static Stream<List<String>> stream(Iterator<List<String>> records) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(records, Spliterator.ORDERED), false);
  }

  private static CorpusRow row(
      Table table, List<String> header, List<String> fields, String place) {
    if (fields.size() != header.size()) {
      return table.bad(
          place, "it has " + fields.size() + " fields, the header names " + header.size());
    }
    Map<String, String> columns = new LinkedHashMap<>();
    for (int i = 0; i < fields.size(); i++) {
      columns.put(header.get(i).strip(), fields.get(i));
    }
    return table.row(place, columns);
  }

  private void close(Reader reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private CorpusException unreadable(Exception e) {
    return new CorpusException("cannot read the table " + path + ": " + e, e);
  }
}
