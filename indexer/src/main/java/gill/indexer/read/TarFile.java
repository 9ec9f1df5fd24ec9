package gill.indexer.read;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads the regular files of a tar archive in order (ustar, GNU long names, pax paths). Not for
/// use by several threads.
final class TarFile implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int MAX_NAME = 1 << 20;

  /// @param seconds time of change, since 1970
  record Entry(String name, long size, long seconds) {}

  private final InputStream in;
  private long unread;
  private long padding;

  TarFile(Path file) throws IOException {
    this.in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }

  /// Whether there is another file: if so, `into[0]` is it. The rest of the former one is skipped.
  boolean next(Entry[] into) throws IOException {
    String longName = "";
    while (true) {
      in.skipNBytes(unread + padding);
      byte[] header = in.readNBytes(BLOCK);
      unread = 0;
      padding = 0;
      if (header.length == 0 || isZero(header)) {
        return false;
      }
      if (header.length < BLOCK) {
        throw new EOFException("the archive is cut short");
      }
      requireChecksum(header);
      unread = octal(header, 124, 12);
      padding = (BLOCK - unread % BLOCK) % BLOCK;
      switch (header[156]) {
        case 'L' -> longName = text(content(MAX_NAME), 0, MAX_NAME);
        case 'x' -> longName = paxPath(content(MAX_NAME), longName);
        case '0', 0 -> {
          String prefix = text(header, 257, 5).equals("ustar") ? text(header, 345, 155) : "";
          String name = text(header, 0, 100);
          String whole = prefix.isEmpty() ? name : prefix + "/" + name;
          into[0] =
              new Entry(longName.isEmpty() ? whole : longName, unread, octal(header, 136, 12));
          return true;
        }
        default -> longName = "";
      }
    }
  }

  /// The present file's bytes. Throws [IOException] if it has more than `limit` or is cut short.
  byte[] content(int limit) throws IOException {
    if (unread > limit) {
      throw new IOException("it has " + unread + " bytes, at most " + limit + " are read");
    }
    int size = (int) unread;
    byte[] bytes = in.readNBytes(size);
    unread = 0;
    if (bytes.length < size) {
      throw new EOFException("the archive is cut short");
    }
    return bytes;
  }

  private static String paxPath(byte[] records, String otherwise) {
    String path = otherwise;
    for (String line : new String(records, StandardCharsets.UTF_8).split("\n", -1)) {
      int key = line.indexOf(" path=");
      if (key > 0) {
        path = line.substring(key + " path=".length());
      }
    }
    return path;
  }

  private static boolean isZero(byte[] block) {
    for (byte value : block) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  private static void requireChecksum(byte[] header) throws IOException {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != octal(header, 148, 8)) {
      throw new IOException("this is no tar archive, or it is damaged");
    }
  }

  private static long octal(byte[] header, int at, int length) throws IOException {
    if ((header[at] & 0x80) != 0) {
      long value = 0;
      for (int i = at + length - 8; i < at + length; i++) {
        value = value << 8 | header[i] & 0xff;
      }
      return value;
    }
    String digits = text(header, at, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("the archive is damaged: '" + digits + "' is no octal number", e);
    }
  }

  private static String text(byte[] bytes, int at, int length) {
    int end = at;
    while (end < Math.min(bytes.length, at + length) && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, at, end - at, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
