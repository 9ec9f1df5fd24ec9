package gill.engine.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Pixels;
import gill.engine.testing.TinyCorpus;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PlainGroundTest {
  private static int level(Pixels picture, int x, int y, int channel) {
    return picture.rgb()[3 * (y * picture.width() + x) + channel] & 0xff;
  }

  /// A square of one colour with a ring of another in it; the ring's inside has the ground's
  /// colour.
  private static Pixels ring(int ground) {
    byte[] rgb = new byte[3 * 40 * 40];
    Arrays.fill(rgb, (byte) ground);
    for (int i = 0; i < 1600; i++) {
      double away = Math.hypot(i % 40 - 19.5, i / 40 - 19.5);
      if (away > 8 && away < 16) {
        rgb[3 * i] = (byte) 200;
        rgb[3 * i + 1] = 0;
        rgb[3 * i + 2] = 0;
      }
    }
    return Pixels.of(40, 40, rgb);
  }

  @Test
  void square_onWhite_isTheSamePicture() {
    assertEquals(ring(255), PlainGround.square(ring(255), 40).orElseThrow());
  }

  @Test
  void square_onAnotherColour_becomesWhiteOutsideOfTheThingOnly() {
    Pixels cut = PlainGround.square(ring(90), 40).orElseThrow();
    assertEquals(255, level(cut, 0, 0, 0));
    assertEquals(90, level(cut, 20, 20, 0));
    assertEquals(200, level(cut, 8, 20, 0));
  }

  @Test
  void square_ofNoPlainGround_isNothing() {
    assertTrue(PlainGround.square(TinyCorpus.picture(1), 32).isEmpty());
  }

  @Test
  void square_widePicture_isCentredOnWhite() {
    byte[] rgb = new byte[3 * 40 * 10];
    Arrays.fill(rgb, (byte) 255);
    rgb[3 * (5 * 40 + 20)] = 0;
    Pixels square = PlainGround.square(Pixels.of(40, 10, rgb), 40).orElseThrow();
    assertEquals(40, square.height());
    assertEquals(0, level(square, 20, 20, 0));
    assertEquals(255, level(square, 20, 5, 0));
  }
}
