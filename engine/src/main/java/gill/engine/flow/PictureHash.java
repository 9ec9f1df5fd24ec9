package gill.engine.flow;

import java.util.HexFormat;

/// A perceptual hash of 128 bits: pictures that look alike differ in few bits, whatever their size
/// and compression.
///
/// The picture is averaged to 9 x 9 grey cells. A bit of `across` says that a cell is darker than
/// the one to its right, a bit of `down` that it is darker than the one below.
public record PictureHash(long across, long down) {
  /// The metadata key under which an index keeps it.
  public static final String KEY = "phash";

  private static final int GRID = 9;

  public static PictureHash of(Pixels picture) {
    long[] sum = new long[GRID * GRID];
    long[] count = new long[GRID * GRID];
    byte[] rgb = picture.rgb();
    int width = picture.width();
    int height = picture.height();
    int columns = Math.max(width, GRID);
    int[] cells = new int[columns];
    int[] offsets = new int[columns];
    for (int x = 0; x < columns; x++) {
      cells[x] = (int) ((long) x * GRID / columns);
      offsets[x] = 3 * (int) ((long) x * width / columns);
    }
    for (int y = 0; y < Math.max(height, GRID); y++) {
      int row = GRID * (int) ((long) y * GRID / Math.max(height, GRID));
      int line = 3 * (y * height / Math.max(height, GRID) * width);
      for (int x = 0; x < columns; x++) {
        int at = line + offsets[x];
        sum[row + cells[x]] +=
            299 * (rgb[at] & 0xff) + 587 * (rgb[at + 1] & 0xff) + 114 * (rgb[at + 2] & 0xff);
        count[row + cells[x]]++;
      }
    }
    return compare(sum, count);
  }

  private static PictureHash compare(long[] sum, long[] count) {
    long[] grey = new long[sum.length];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = sum[i] / (1000 * count[i]);
    }
    long across = 0;
    long down = 0;
    for (int y = 0; y < GRID - 1; y++) {
      for (int x = 0; x < GRID - 1; x++) {
        int cell = y * GRID + x;
        long bit = 1L << (y * (GRID - 1) + x);
        across |= grey[cell] < grey[cell + 1] ? bit : 0;
        down |= grey[cell] < grey[cell + GRID] ? bit : 0;
      }
    }
    return new PictureHash(across, down);
  }

  /// Reads what [#hex] wrote; throws [IllegalArgumentException] for anything else.
  public static PictureHash parse(String hex) {
    if (!hex.matches("[0-9a-fA-F]{32}")) {
      throw new IllegalArgumentException(
          "a perceptual hash has 32 hexadecimal digits, got \"" + hex + "\"");
    }
    return new PictureHash(
        Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
  }

  /// 32 hexadecimal digits.
  public String hex() {
    return HexFormat.of().toHexDigits(across) + HexFormat.of().toHexDigits(down);
  }

  /// Number of bits that differ, 0 to 128.
  public int distance(PictureHash other) {
    return Long.bitCount(across ^ other.across) + Long.bitCount(down ^ other.down);
  }
}
