package gill.engine.vision;

import gill.engine.flow.Pixels;
import java.util.Arrays;

/// Pillow's antialiased resize, bit for bit: a separable filter as wide as the shrinking asks for,
/// 22-bit fixed-point weights, rows first, each pass rounded to 8 bits.
///
/// The source may lie on a larger white canvas (letterboxing); the canvas is never built, so a
/// picture of 30000x1 pixels costs no more than its own pixels.
final class Resizer {
  /// From so many source pixels to one on, colours are summed one at a time.
  private static final int LONG = 24;

  private static final int PRECISION_BITS = 22;
  private static final int HALF = 1 << (PRECISION_BITS - 1);

  private final Resampling filter;

  Resizer(Resampling filter) {
    this.filter = filter;
  }

  /// Resizes the whole picture.
  Pixels resize(Pixels source, int width, int height) {
    return resize(source, source.width(), source.height(), width, height);
  }

  /// Centres the picture on a white canvas (an odd remainder goes right and down), then resizes the
  /// canvas.
  Pixels resize(Pixels source, int canvasWidth, int canvasHeight, int width, int height) {
    int left = (canvasWidth - source.width()) / 2;
    int top = (canvasHeight - source.height()) / 2;
    byte[] rows = source.rgb();
    Taps across = Taps.of(filter, canvasWidth, width);
    byte[] narrowed = across(rows, source.width(), source.height(), left, across);
    Taps down = Taps.of(filter, canvasHeight, height);
    return Pixels.of(width, height, down(narrowed, width, source.height(), top, down));
  }

  private static byte[] across(byte[] source, int width, int height, int left, Taps taps) {
    if (taps.identity() && left == 0 && taps.count() == width) {
      return source;
    }
    int columns = taps.count();
    byte[] target = new byte[3 * columns * height];
    int[] borders = new int[columns];
    for (int x = 0; x < columns; x++) {
      borders[x] = HALF + taps.whiteOutside(x, left, left + width);
    }
    if (taps.size() >= LONG) {
      acrossByColour(source, width, height, left, taps, borders, target);
      return target;
    }
    for (int y = 0; y < height; y++) {
      int row = y * width - left;
      for (int x = 0; x < columns; x++) {
        int first = taps.first(x);
        int from = Math.max(first, left);
        int to = Math.min(first + taps.length(x), left + width);
        int red = borders[x];
        int green = red;
        int blue = red;
        int at = 3 * (row + from);
        for (int tap = from; tap < to; tap++, at += 3) {
          int weight = taps.weight(x, tap - first);
          red += (source[at] & 0xff) * weight;
          green += (source[at + 1] & 0xff) * weight;
          blue += (source[at + 2] & 0xff) * weight;
        }
        int out = 3 * (y * columns + x);
        target[out] = round(red);
        target[out + 1] = round(green);
        target[out + 2] = round(blue);
      }
    }
    return target;
  }

  /// The same sums, a colour at a time: over neighbouring integers the compiler uses the
  /// processor's wide registers, which pays where many pixels become one.
  private static void acrossByColour(
      byte[] source, int width, int height, int left, Taps taps, int[] borders, byte[] target) {
    int columns = taps.count();
    int[] weights = taps.weights();
    int[] line = new int[width];
    for (int y = 0; y < height; y++) {
      for (int colour = 0; colour < 3; colour++) {
        int at = 3 * y * width + colour;
        for (int x = 0; x < width; x++) {
          line[x] = source[at + 3 * x] & 0xff;
        }
        int out = 3 * y * columns + colour;
        for (int x = 0; x < columns; x++) {
          int first = taps.first(x);
          int from = Math.max(first, left);
          int to = Math.min(first + taps.length(x), left + width);
          int sum = dot(line, from - left, weights, x * taps.size() + from - first, to - from);
          target[out + 3 * x] = round(borders[x] + sum);
        }
      }
    }
  }

  private static int dot(int[] values, int at, int[] weights, int weightsAt, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += values[at + i] * weights[weightsAt + i];
    }
    return sum;
  }

  private static byte[] down(byte[] source, int width, int height, int top, Taps taps) {
    if (taps.identity() && top == 0 && taps.count() == height) {
      return source;
    }
    int rows = taps.count();
    int stride = 3 * width;
    byte[] target = new byte[stride * rows];
    int[] sums = new int[stride];
    for (int y = 0; y < rows; y++) {
      int first = taps.first(y);
      int from = Math.max(first, top);
      int to = Math.min(first + taps.length(y), top + height);
      Arrays.fill(sums, HALF + taps.whiteOutside(y, top, top + height));
      for (int tap = from; tap < to; tap++) {
        int weight = taps.weight(y, tap - first);
        int at = (tap - top) * stride;
        for (int i = 0; i < stride; i++) {
          sums[i] += (source[at + i] & 0xff) * weight;
        }
      }
      for (int i = 0; i < stride; i++) {
        target[y * stride + i] = round(sums[i]);
      }
    }
    return target;
  }

  private static byte round(int sum) {
    return (byte) Math.clamp(sum >> PRECISION_BITS, 0, 255);
  }

  /// For each target position the first source position and the weights from there on.
  private record Taps(boolean identity, int[] firsts, int[] lengths, int[] weights, int size) {

    static Taps of(Resampling filter, int from, int to) {
      double scale = (double) from / to;
      double stretch = Math.max(scale, 1);
      double support = filter.support() * stretch;
      int size = (int) Math.ceil(support) * 2 + 1;
      int[] firsts = new int[to];
      int[] lengths = new int[to];
      int[] weights = new int[Math.multiplyExact(to, size)];
      double[] exact = new double[size];
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        int first = Math.max((int) (centre - support + 0.5), 0);
        int length = Math.min((int) (centre + support + 0.5), from) - first;
        double sum = 0;
        for (int k = 0; k < length; k++) {
          exact[k] = filter.weight((k + first - centre + 0.5) * (1 / stretch));
          sum += exact[k];
        }
        for (int k = 0; k < length; k++) {
          double weight = sum == 0 ? exact[k] : exact[k] / sum;
          weights[i * size + k] =
              (int) ((weight < 0 ? -0.5 : 0.5) + weight * (1 << PRECISION_BITS));
        }
        firsts[i] = first;
        lengths[i] = length;
      }
      return new Taps(from == to, firsts, lengths, weights, size);
    }

    int count() {
      return firsts.length;
    }

    int first(int target) {
      return firsts[target];
    }

    int length(int target) {
      return lengths[target];
    }

    int weight(int target, int tap) {
      return weights[target * size + tap];
    }

    /// What white adds where the filter reaches outside `[from, to)`.
    int whiteOutside(int target, int from, int to) {
      int sum = 0;
      for (int tap = 0; tap < lengths[target]; tap++) {
        int position = firsts[target] + tap;
        if (position < from || position >= to) {
          sum += 255 * weight(target, tap);
        }
      }
      return sum;
    }
  }
}
