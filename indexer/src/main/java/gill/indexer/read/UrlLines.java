package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// A text file with an address a line; empty lines and lines that begin with `#` say nothing.
public final class UrlLines implements CorpusSource {
  private final Path path;
  private final Path root;

  UrlLines(Path path, Path root) {
    this.path = path;
    this.root = root;
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
      BufferedReader reader = Files.newBufferedReader(path);
      Table table = new Table(path, root, ManifestRow.Pictures.ADDRESSES);
      AtomicLong number = new AtomicLong();
      return reader
          .lines()
          .map(line -> Map.entry(number.incrementAndGet(), line.strip()))
          .filter(line -> !line.getValue().isEmpty() && !line.getValue().startsWith("#"))
          .map(line -> table.row("line " + line.getKey(), Map.of("url", line.getValue())))
          .onClose(() -> {
            try {
              reader.close();
            } catch (IOException e) {
              throw unreadable(e);
            }
          });
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private CorpusException unreadable(Exception e) {
    return new CorpusException("cannot read the list of addresses " + path + ": " + e, e);
  }
}
