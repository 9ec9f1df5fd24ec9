package gill.indexer.read;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// Splits a text into records and fields as RFC 4180 has it; empty lines are passed over.
final class CsvRecords implements Iterator<List<String>> {
  private static final int END = -1;

  private final Reader in;
  private final char separator;
  private int next;

  CsvRecords(Reader in, char separator) {
    this.in = in;
    this.separator = separator;
    advance();
    if (next == '\uFEFF') {
      advance();
    }
  }

  private void advance() {
    try {
      next = in.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean hasNext() {
    while (next == '\r' || next == '\n') {
      advance();
    }
    return next != END;
  }

  @Override
  public List<String> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the text has no further record");
    }
    List<String> fields = new ArrayList<>();
    fields.add(field());
    while (next == separator) {
      advance();
      fields.add(field());
    }
    return fields;
  }

  private String field() {
    StringBuilder field = new StringBuilder();
    if (next == '"') {
      quoted(field);
    }
    while (next != separator && next != '\r' && next != '\n' && next != END) {
      field.append((char) next);
      advance();
    }
    return field.toString();
  }

  private void quoted(StringBuilder field) {
    advance();
    while (next != END) {
      if (next == '"') {
        advance();
        if (next != '"') {
          return;
        }
      }
      field.append((char) next);
      advance();
    }
  }
}
