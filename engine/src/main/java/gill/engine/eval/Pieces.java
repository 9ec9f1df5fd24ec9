package gill.engine.eval;

import gill.engine.flow.Pixels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/// What stands on a picture's plain ground: connected areas of other colours. The ground's colour
/// is the median of the picture's edge.
final class Pieces {
  /// A difference in a channel that is not yet another colour; generated grounds are a little
  /// noisy.
  private static final int SAME = 28;

  /// Gaps of so many 128ths of a side belong to a piece: a face and its hat, a leaf and its stem.
  private static final int GAP = 3;

  /// A piece covers at least this share of the picture, and of the biggest piece.
  private static final double LEAST = 0.012;

  private static final double LEAST_OF_BIGGEST = 0.25;
  private static final double MARGIN = 0.08;

  /// A rectangle around a piece, `right` and `bottom` excluded; `area` in pixels of the piece.
  record Piece(int left, int top, int right, int bottom, int area) {
    private Piece joined(Piece other) {
      return new Piece(
          Math.min(left, other.left),
          Math.min(top, other.top),
          Math.max(right, other.right),
          Math.max(bottom, other.bottom),
          area + other.area);
    }
  }

  private final int width;
  private final int height;
  private final byte[] rgb;
  private final int[] ground;
  private final boolean[] standing;
  private final List<Piece> found;

  private Pieces(Pixels picture) {
    this.width = picture.width();
    this.height = picture.height();
    this.rgb = picture.rgb();
    this.ground = edgeMedian();
    this.standing = differing();
    this.found = components();
  }

  static Pieces of(Pixels picture) {
    return new Pieces(picture);
  }

  /// The biggest first.
  List<Piece> pieces() {
    return found;
  }

  /// Whether a pixel is not of the ground's colour.
  boolean stands(int x, int y) {
    return standing[y * width + x];
  }

  /// Red, green, blue, 0 to 255.
  int[] ground() {
    return ground.clone();
  }

  /// One square picture of all pieces, as the judge was trained to see a thing; the whole picture
  /// if nothing stands out.
  Pixels whole() {
    return found.stream().reduce(Piece::joined).map(this::cut).orElseGet(() -> asIs());
  }

  /// A piece in the middle of a square of the ground's colour, with a margin.
  Pixels cut(Piece piece) {
    int inner = Math.max(piece.right - piece.left, piece.bottom - piece.top);
    int side = (int) Math.ceil(inner / (1 - 2 * MARGIN));
    byte[] square = new byte[3 * side * side];
    for (int i = 0; i < square.length; i++) {
      square[i] = (byte) ground[i % 3];
    }
    int toX = (side - (piece.right - piece.left)) / 2;
    int toY = (side - (piece.bottom - piece.top)) / 2;
    for (int y = piece.top; y < piece.bottom; y++) {
      System.arraycopy(
          rgb,
          3 * (y * width + piece.left),
          square,
          3 * ((y - piece.top + toY) * side + toX),
          3 * (piece.right - piece.left));
    }
    return Pixels.of(side, side, square);
  }

  private Pixels asIs() {
    return Pixels.of(width, height, rgb);
  }

  private int[] edgeMedian() {
    int[] median = new int[3];
    for (int channel = 0; channel < 3; channel++) {
      List<Integer> levels = new ArrayList<>();
      for (int x = 0; x < width; x++) {
        levels.add(level(x, 0, channel));
        levels.add(level(x, height - 1, channel));
      }
      for (int y = 0; y < height; y++) {
        levels.add(level(0, y, channel));
        levels.add(level(width - 1, y, channel));
      }
      levels.sort(Comparator.naturalOrder());
      median[channel] = levels.get(levels.size() / 2);
    }
    return median;
  }

  private int level(int x, int y, int channel) {
    return rgb[3 * (y * width + x) + channel] & 0xff;
  }

  private boolean[] differing() {
    boolean[] differing = new boolean[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < 3; channel++) {
          differing[y * width + x] |= Math.abs(level(x, y, channel) - ground[channel]) > SAME;
        }
      }
    }
    return differing;
  }

  private List<Piece> components() {
    int reach = Math.max(1, GAP * Math.max(width, height) / 128);
    int[] labels = new int[width * height];
    Arrays.fill(labels, -1);
    List<Piece> all = new ArrayList<>();
    for (int start = 0; start < labels.length; start++) {
      if (standing[start] && labels[start] < 0) {
        all.add(flood(start, all.size(), labels, reach));
      }
    }
    all.sort(Comparator.comparingInt(Piece::area).reversed());
    double least =
        all.isEmpty()
            ? 0
            : Math.max(LEAST * width * height, LEAST_OF_BIGGEST * all.getFirst().area());
    return all.stream().filter(piece -> piece.area() >= least).toList();
  }

  /// All standing pixels that can be reached in steps of at most `reach` in both directions.
  private Piece flood(int start, int label, int[] labels, int reach) {
    Deque<Integer> open = new ArrayDeque<>(List.of(start));
    labels[start] = label;
    int left = width;
    int top = height;
    int right = 0;
    int bottom = 0;
    int area = 0;
    while (!open.isEmpty()) {
      int at = open.pop();
      int x = at % width;
      int y = at / width;
      area++;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      for (int ny = Math.max(0, y - reach); ny <= Math.min(height - 1, y + reach); ny++) {
        for (int nx = Math.max(0, x - reach); nx <= Math.min(width - 1, x + reach); nx++) {
          int next = ny * width + nx;
          if (standing[next] && labels[next] < 0) {
            labels[next] = label;
            open.push(next);
          }
        }
      }
    }
    return new Piece(left, top, right, bottom, area);
  }
}
