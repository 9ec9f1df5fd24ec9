package gill.indexer.read;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads a matrix of numbers row by row from a `.npy` file (NumPy's format, versions 1 to 3).
/// Arrays of objects are refused: they are pickles, which can run code. Not for use by several
/// threads.
final class NpyFile implements AutoCloseable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 16;
  private static final int MAX_COLUMNS = 1 << 16;
  private static final Map<String, Integer> BYTES = Map.of("<f2", 2, "<f4", 4, "<f8", 8);

  private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\((\\d+),\\s*(\\d+),?\\s*\\)");

  private final FileChannel channel;
  private final long rows;
  private final int columns;
  private final int width;
  private final ByteBuffer row;

  /// Throws [IOException] that says what is wrong with the file.
  NpyFile(Path file) throws IOException {
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      String header = header();
      String type = find(TYPE, header, "type").group(1);
      Integer bytes = BYTES.get(type);
      if (type.contains("O")) {
        throw new IOException(
            "it holds pickled objects, which are never read; save an array of float32");
      }
      if (bytes == null) {
        throw new IOException("its values are '" + type + "', not <f2, <f4 or <f8");
      }
      if (find(ORDER, header, "order").group(1).equals("True")) {
        throw new IOException("it is stored by columns; save it in C order");
      }
      Matcher shape = find(SHAPE, header, "shape of two dimensions");
      this.rows = Long.parseLong(shape.group(1));
      this.columns = Integer.parseInt(shape.group(2));
      this.width = bytes;
      if (columns < 1 || columns > MAX_COLUMNS) {
        throw new IOException("it has " + columns + " columns");
      }
      long wanted = channel.position() + rows * columns * width;
      if (channel.size() < wanted) {
        throw new IOException("it is cut short: " + channel.size() + " of " + wanted + " bytes");
      }
      this.row = ByteBuffer.allocate(columns * width).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException | NumberFormatException e) {
      channel.close();
      throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private String header() throws IOException {
    ByteBuffer head = read(10);
    byte[] magic = new byte[MAGIC.length];
    head.get(magic);
    if (!java.util.Arrays.equals(magic, MAGIC)) {
      throw new IOException("it is no .npy file");
    }
    int version = head.get();
    head.get();
    int length =
        version == 1
            ? head.getShort() & 0xffff
            : head.getShort() & 0xffff | (read(2).getShort() & 0xffff) << 16;
    if (version < 1 || version > 3 || length < 0 || length > MAX_HEADER) {
      throw new IOException("its header is damaged");
    }
    return new String(read(length).array(), StandardCharsets.UTF_8);
  }

  private ByteBuffer read(int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill(buffer);
    return buffer;
  }

  private void fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("it is cut short");
      }
    }
    buffer.flip();
  }

  private static Matcher find(Pattern pattern, String header, String what) throws IOException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new IOException("its header names no " + what);
    }
    return matcher;
  }

  long rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /// The next row's values.
  float[] next() throws IOException {
    row.clear();
    fill(row);
    float[] values = new float[columns];
    for (int i = 0; i < columns; i++) {
      values[i] =
          switch (width) {
            case 2 -> Float.float16ToFloat(row.getShort());
            case 4 -> row.getFloat();
            default -> (float) row.getDouble();
          };
    }
    return values;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
