package gill.engine.dialogue;

import gill.engine.diffusion.Draft;
import gill.engine.flow.Pixels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A white square that pictures are put on.
final class DraftCanvas {
  private final int side;
  private final byte[] rgb;
  private final List<Draft.Square> squares = new ArrayList<>();

  DraftCanvas(int side) {
    this.side = side;
    this.rgb = new byte[3 * side * side];
    Arrays.fill(rgb, (byte) 0xff);
  }

  /// Puts a square picture with its left top corner there. Squares must not lie on each other.
  void put(Pixels picture, int left, int top) {
    byte[] from = picture.rgb();
    int stride = 3 * picture.width();
    for (int y = 0; y < picture.height(); y++) {
      System.arraycopy(from, y * stride, rgb, 3 * ((top + y) * side + left), stride);
    }
    squares.add(new Draft.Square(left, top, picture.width()));
  }

  Draft draft() {
    return new Draft(Pixels.of(side, side, rgb), squares);
  }
}
