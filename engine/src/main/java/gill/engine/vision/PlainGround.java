package gill.engine.vision;

import gill.engine.flow.Pixels;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/// Cuts a thing out of the plain ground it was drawn or photographed on.
public final class PlainGround {
  /// How far, in each channel, a pixel of the ground may be from the ground's colour.
  private static final int TOLERANCE = 20;

  /// The share of a picture's border that must be ground.
  private static final double BORDER = 0.8;

  private PlainGround() {}

  /// The picture as a square of `side` pixels on white; empty if it stands on no plain ground. The
  /// ground is what the border's most frequent colour reaches from the border.
  public static Optional<Pixels> square(Pixels picture, int side) {
    int[] rgb = packed(picture);
    int[] border = border(picture.width(), picture.height());
    int ground = mostFrequent(rgb, border);
    long like = Arrays.stream(border).filter(at -> alike(rgb[at], ground)).count();
    if (like < BORDER * border.length) {
      return Optional.empty();
    }
    if (ground != 0xffffff) {
      whiten(rgb, border, ground, picture.width(), picture.height());
    }
    int longer = Math.max(picture.width(), picture.height());
    Pixels onWhite = Pixels.of(picture.width(), picture.height(), unpacked(rgb));
    return Optional.of(new Resizer(Resampling.LANCZOS).resize(onWhite, longer, longer, side, side));
  }

  private static int[] packed(Pixels picture) {
    byte[] bytes = picture.rgb();
    int[] rgb = new int[bytes.length / 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] =
          (bytes[3 * i] & 0xff) << 16 | (bytes[3 * i + 1] & 0xff) << 8 | bytes[3 * i + 2] & 0xff;
    }
    return rgb;
  }

  private static byte[] unpacked(int[] rgb) {
    byte[] bytes = new byte[3 * rgb.length];
    for (int i = 0; i < rgb.length; i++) {
      bytes[3 * i] = (byte) (rgb[i] >> 16);
      bytes[3 * i + 1] = (byte) (rgb[i] >> 8);
      bytes[3 * i + 2] = (byte) rgb[i];
    }
    return bytes;
  }

  /// The positions of the outermost pixels.
  private static int[] border(int width, int height) {
    boolean[] edge = new boolean[width * height];
    for (int x = 0; x < width; x++) {
      edge[x] = true;
      edge[(height - 1) * width + x] = true;
    }
    for (int y = 0; y < height; y++) {
      edge[y * width] = true;
      edge[y * width + width - 1] = true;
    }
    int[] positions = new int[edge.length];
    int count = 0;
    for (int i = 0; i < edge.length; i++) {
      if (edge[i]) {
        positions[count++] = i;
      }
    }
    return Arrays.copyOf(positions, count);
  }

  /// Of the colours at these positions the one that most others are like; white where it is near.
  private static int mostFrequent(int[] rgb, int[] positions) {
    int best = 0xffffff;
    long most = Arrays.stream(positions).filter(at -> alike(rgb[at], 0xffffff)).count();
    int step = Math.max(1, positions.length / 32);
    for (int i = 0; i < positions.length; i += step) {
      int colour = rgb[positions[i]];
      long like = Arrays.stream(positions).filter(at -> alike(rgb[at], colour)).count();
      if (like > most) {
        most = like;
        best = colour;
      }
    }
    return best;
  }

  private static boolean alike(int one, int other) {
    return Math.abs((one >> 16) - (other >> 16)) <= TOLERANCE
        && Math.abs((one >> 8 & 0xff) - (other >> 8 & 0xff)) <= TOLERANCE
        && Math.abs((one & 0xff) - (other & 0xff)) <= TOLERANCE;
  }

  private static void whiten(int[] rgb, int[] border, int ground, int width, int height) {
    boolean[] seen = new boolean[rgb.length];
    Deque<Integer> open = new ArrayDeque<>();
    for (int at : border) {
      visit(at, rgb, ground, seen, open);
    }
    while (!open.isEmpty()) {
      int at = open.pop();
      rgb[at] = 0xffffff;
      int x = at % width;
      if (x > 0) {
        visit(at - 1, rgb, ground, seen, open);
      }
      if (x < width - 1) {
        visit(at + 1, rgb, ground, seen, open);
      }
      if (at >= width) {
        visit(at - width, rgb, ground, seen, open);
      }
      if (at < width * (height - 1)) {
        visit(at + width, rgb, ground, seen, open);
      }
    }
  }

  private static void visit(int at, int[] rgb, int ground, boolean[] seen, Deque<Integer> open) {
    if (!seen[at] && alike(rgb[at], ground)) {
      seen[at] = true;
      open.push(at);
    }
  }
}
