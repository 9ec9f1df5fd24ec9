package gill.engine.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.eval.Pieces.Piece;
import gill.engine.flow.Pixels;
import org.junit.jupiter.api.Test;

class PiecesTest {
  private static final int[] WHITE = {255, 255, 255};
  private static final int[] BLUE = {38, 126, 232};
  private static final int[] RED = {232, 53, 50};

  @Test
  void twoSquares_areTwoPieces_theBiggestFirst() {
    byte[] rgb = ground(128, WHITE);
    fill(rgb, 128, 10, 20, 30, 40, BLUE);
    fill(rgb, 128, 70, 60, 110, 100, RED);
    Pieces pieces = Pieces.of(Pixels.of(128, 128, rgb));
    assertEquals(2, pieces.pieces().size());
    assertEquals(new Piece(70, 60, 110, 100, 1600), pieces.pieces().getFirst());
    assertEquals(new Piece(10, 20, 30, 40, 400), pieces.pieces().getLast());
  }

  @Test
  void aThinGap_doesNotSplitAPiece_andSpecksAreNone() {
    byte[] rgb = ground(128, WHITE);
    fill(rgb, 128, 20, 20, 60, 60, RED);
    fill(rgb, 128, 62, 20, 100, 60, RED);
    fill(rgb, 128, 120, 120, 123, 123, BLUE);
    assertEquals(1, Pieces.of(Pixels.of(128, 128, rgb)).pieces().size());
  }

  @Test
  void theGround_isTheEdgesColour() {
    byte[] rgb = ground(64, new int[] {170, 212, 245});
    fill(rgb, 64, 10, 10, 50, 50, RED);
    Pieces pieces = Pieces.of(Pixels.of(64, 64, rgb));
    assertArrayEquals(new int[] {170, 212, 245}, pieces.ground());
    assertEquals("blue", Colours.ofGround(pieces.ground()));
  }

  @Test
  void cut_centresAPieceOnASquareOfTheGround() {
    byte[] rgb = ground(64, WHITE);
    fill(rgb, 64, 4, 4, 25, 14, RED);
    Pieces pieces = Pieces.of(Pixels.of(64, 64, rgb));
    Pixels cut = pieces.whole();
    assertEquals(25, cut.width());
    assertEquals(25, cut.height());
    byte[] out = cut.rgb();
    assertEquals((byte) 255, out[1]);
    assertEquals((byte) 53, out[3 * (12 * 25 + 12) + 1]);
  }

  @Test
  void anEmptyPicture_hasNoPieces_andIsLookedAtWhole() {
    Pieces pieces = Pieces.of(Pixels.of(16, 16, ground(16, WHITE)));
    assertTrue(pieces.pieces().isEmpty());
    assertEquals(16, pieces.whole().width());
  }

  @Test
  void colour_isTheMostFrequentChromaticOne() {
    byte[] rgb = ground(64, WHITE);
    fill(rgb, 64, 10, 10, 40, 40, RED);
    fill(rgb, 64, 40, 10, 50, 40, BLUE);
    fill(rgb, 64, 10, 40, 50, 60, new int[] {20, 20, 20});
    Pixels picture = Pixels.of(64, 64, rgb);
    Pieces pieces = Pieces.of(picture);
    assertTrue(Colours.is("red", picture, pieces));
    assertFalse(Colours.is("blue", picture, pieces));
    assertFalse(Colours.is("black", picture, pieces));
    assertFalse(Colours.is("green", picture, pieces));
  }

  @Test
  void names_areThoseOfTheirColours() {
    assertEquals("red", Colours.name(232, 53, 50));
    assertEquals("orange", Colours.name(252, 141, 37));
    assertEquals("pink", Colours.name(253, 137, 187));
    assertEquals("purple", Colours.name(145, 74, 208));
    assertEquals("brown", Colours.name(120, 70, 35));
    assertEquals("white", Colours.name(250, 250, 250));
    assertEquals("pink", Colours.ofGround(new int[] {252, 200, 218}));
    assertEquals("white", Colours.ofGround(new int[] {255, 255, 255}));
    assertEquals("gray", Colours.ofGround(new int[] {196, 196, 200}));
  }

  @Test
  void lab_ofWhiteAndPureRed() {
    assertArrayEquals(new double[] {100, 0, 0}, Colours.lab(255, 255, 255), 0.02);
    assertArrayEquals(new double[] {53.24, 80.09, 67.20}, Colours.lab(255, 0, 0), 0.05);
  }

  private static byte[] ground(int side, int[] colour) {
    byte[] rgb = new byte[3 * side * side];
    fill(rgb, side, 0, 0, side, side, colour);
    return rgb;
  }

  private static void fill(
      byte[] rgb, int side, int left, int top, int right, int bottom, int[] colour) {
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        for (int channel = 0; channel < 3; channel++) {
          rgb[3 * (y * side + x) + channel] = (byte) colour[channel];
        }
      }
    }
  }
}
