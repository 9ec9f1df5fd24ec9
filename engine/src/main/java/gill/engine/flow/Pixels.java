package gill.engine.flow;

import java.util.Arrays;

/// A decoded picture: 8-bit sRGB, rows top to bottom, `rgb[(y * width + x) * 3 + channel]`.
/// Immutable: copies in and out.
public final class Pixels {
  private final int width;
  private final int height;
  private final byte[] rgb;

  private Pixels(int width, int height, byte[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  public static Pixels of(int width, int height, byte[] rgb) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "a picture needs at least 1x1 pixels, got " + width + "x" + height);
    }
    if (rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          width + "x" + height + " RGB needs " + 3L * width * height + " bytes, got " + rgb.length);
    }
    return new Pixels(width, height, rgb.clone());
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  public byte[] rgb() {
    return rgb.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pixels p
        && p.width == width
        && p.height == height
        && Arrays.equals(p.rgb, rgb);
  }

  @Override
  public int hashCode() {
    return 31 * width + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "Pixels[" + width + "x" + height + "]";
  }
}
