package gill.engine.diffusion;

import gill.engine.flow.Pixels;
import java.util.List;

/// A rough picture of what is asked, put together from pictures at hand: what the nets may lean on.
///
/// @param picture on white, of the size the generator draws
/// @param squares where something was put
public record Draft(Pixels picture, List<Square> squares) {
  public Draft {
    squares = List.copyOf(squares);
    for (Square square : squares) {
      if (square.left() + square.side() > picture.width()
          || square.top() + square.side() > picture.height()) {
        throw new IllegalArgumentException(square + " is not inside of " + picture);
      }
    }
  }

  /// A part of the picture, in pixels.
  public record Square(int left, int top, int side) {
    public Square {
      if (left < 0 || top < 0 || side < 1) {
        throw new IllegalArgumentException(
            "a square begins inside of the picture and has a side of at least 1 pixel, got "
                + left
                + ", "
                + top
                + ", "
                + side);
      }
    }
  }

  /// The share of each of `cells` x `cells` equal parts of the picture that lies in some square,
  /// row by row.
  float[] mask(int cells) {
    int width = picture.width();
    boolean[] covered = new boolean[width * picture.height()];
    for (Square square : squares) {
      for (int y = square.top(); y < square.top() + square.side(); y++) {
        for (int x = square.left(); x < square.left() + square.side(); x++) {
          covered[y * width + x] = true;
        }
      }
    }
    float[] mask = new float[cells * cells];
    float share = (float) cells * cells / covered.length;
    for (int i = 0; i < covered.length; i++) {
      int row = i / width * cells / picture.height();
      int column = i % width * cells / width;
      mask[row * cells + column] += covered[i] ? share : 0;
    }
    return mask;
  }
}
