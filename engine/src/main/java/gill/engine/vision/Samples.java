package gill.engine.vision;

import gill.engine.flow.Pixels;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/// From a decoder's samples to 8-bit RGB on white, the way Pillow does it: sample values are taken
/// as they are (no colour profile, no gamma), 16-bit samples keep their high byte, and transparent
/// pixels are composed on white in the same integer arithmetic.
final class Samples {
  private Samples() {}

  /// A decoded PNG, GIF, BMP, WebP, TIFF or drawing.
  static Pixels onWhite(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    Raster raster = image.getRaster();
    ColorModel colours = image.getColorModel();
    int bands = raster.getNumBands();
    boolean packed =
        raster.getTransferType() == DataBuffer.TYPE_INT
            || image.getType() == BufferedImage.TYPE_USHORT_565_RGB
            || image.getType() == BufferedImage.TYPE_USHORT_555_RGB;
    if (colours instanceof IndexColorModel palette) {
      fromPalette(raster, palette, rgb);
    } else if (image.getType() == BufferedImage.TYPE_INT_ARGB
        || image.getType() == BufferedImage.TYPE_INT_RGB) {
      fromInts(raster, bands == 4, rgb);
    } else if (colours.getColorSpace().getType() == ColorSpace.TYPE_CMYK && bands >= 4) {
      fromInks(raster, bands, rgb);
    } else if (packed || bands > 4 || isUnusual(raster, colours)) {
      int[] row = new int[width];
      for (int y = 0; y < height; y++) {
        image.getRGB(0, y, width, 1, row, 0, width);
        for (int x = 0; x < width; x++) {
          put(rgb, y * width + x, row[x]);
        }
      }
    } else {
      fromBands(raster, bands, rgb);
    }
    return Pixels.of(width, height, rgb);
  }

  /// Samples that are no 8- or 16-bit grey or RGB values.
  private static boolean isUnusual(Raster raster, ColorModel colours) {
    int type = colours.getColorSpace().getType();
    return raster.getTransferType() != DataBuffer.TYPE_BYTE
            && raster.getTransferType() != DataBuffer.TYPE_USHORT
        || type != ColorSpace.TYPE_RGB && type != ColorSpace.TYPE_GRAY;
  }

  /// CMYK as TIFF has it: 0 = no ink.
  private static void fromInks(Raster raster, int bands, byte[] rgb) {
    int shift = raster.getTransferType() == DataBuffer.TYPE_USHORT ? 8 : 0;
    int[] row = new int[raster.getWidth() * bands];
    int out = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, raster.getWidth(), 1, row);
      for (int at = 0; at < row.length; at += bands) {
        int light = 255 - (row[at + 3] >> shift);
        out =
            put(
                rgb,
                out,
                ink(255 - (row[at] >> shift), light),
                ink(255 - (row[at + 1] >> shift), light),
                ink(255 - (row[at + 2] >> shift), light));
      }
    }
  }

  private static void fromInts(Raster raster, boolean alpha, byte[] rgb) {
    int width = raster.getWidth();
    int opaque = alpha ? 0 : 0xff000000;
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getDataElements(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        put(rgb, y * width + x, row[x] | opaque);
      }
    }
  }

  private static void fromPalette(Raster raster, IndexColorModel palette, byte[] rgb) {
    int width = raster.getWidth();
    int[] argb = new int[palette.getMapSize()];
    palette.getRGBs(argb);
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(0, y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        put(rgb, y * width + x, row[x] < argb.length ? argb[row[x]] : 0xff000000);
      }
    }
  }

  private static void fromBands(Raster raster, int bands, byte[] rgb) {
    int width = raster.getWidth();
    int shift = raster.getTransferType() == DataBuffer.TYPE_USHORT ? 8 : 0;
    boolean grey = bands < 3;
    boolean alpha = bands == 2 || bands == 4;
    int[] row = new int[width * bands];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int at = x * bands;
        int red = row[at] >> shift;
        int green = grey ? red : row[at + 1] >> shift;
        int blue = grey ? red : row[at + 2] >> shift;
        int opacity = alpha ? row[at + bands - 1] >> shift : 255;
        put(rgb, y * width + x, opacity << 24 | red << 16 | green << 8 | blue);
      }
    }
  }

  private static void put(byte[] rgb, int pixel, int argb) {
    int alpha = argb >>> 24;
    rgb[3 * pixel] = (byte) overWhite(argb >> 16 & 0xff, alpha);
    rgb[3 * pixel + 1] = (byte) overWhite(argb >> 8 & 0xff, alpha);
    rgb[3 * pixel + 2] = (byte) overWhite(argb & 0xff, alpha);
  }

  static int overWhite(int value, int alpha) {
    if (alpha == 255) {
      return value;
    }
    int sum = (value * alpha + 255 * (255 - alpha)) * 128 + (128 << 7);
    return ((sum >> 8) + sum) >> 8 >> 7;
  }

  /// A JPEG's raw samples; `colours` says what they mean. CMYK is taken as Adobe writes it,
  /// inverted.
  static Pixels ofJpeg(Raster raster, JpegStructure.Colours colours) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[] rgb = new byte[3 * width * height];
    if (colours == JpegStructure.Colours.YCBCR
        && bands == 3
        && raster.getTransferType() == DataBuffer.TYPE_BYTE) {
      fromYcbcr(raster, rgb);
      return Pixels.of(width, height, rgb);
    }
    int[] row = new int[width * bands];
    int out = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int at = 0; at < row.length; at += bands) {
        int first = row[at];
        int second = bands > 1 ? row[at + 1] : first;
        int third = bands > 1 ? row[at + 2] : first;
        int black = bands > 3 ? row[at + 3] : 0;
        switch (colours) {
          case GREY, RGB, UNKNOWN -> out = put(rgb, out, first, second, third);
          case YCBCR ->
              out =
                  put(
                      rgb,
                      out,
                      red(first, third),
                      green(first, second, third),
                      blue(first, second));
          case CMYK ->
              out = put(rgb, out, ink(first, black), ink(second, black), ink(third, black));
          case YCCK ->
              out =
                  put(
                      rgb,
                      out,
                      ink(255 - red(first, third), black),
                      ink(255 - green(first, second, third), black),
                      ink(255 - blue(first, second), black));
        }
      }
    }
    return Pixels.of(width, height, rgb);
  }

  /// What nearly every JPEG holds, row by row without a detour over integers.
  private static void fromYcbcr(Raster raster, byte[] rgb) {
    int width = raster.getWidth();
    byte[] row = new byte[3 * width];
    int out = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getDataElements(0, y, width, 1, row);
      for (int at = 0; at < row.length; at += 3) {
        int luma = row[at] & 0xff;
        int cb = row[at + 1] & 0xff;
        int cr = row[at + 2] & 0xff;
        rgb[out++] = (byte) red(luma, cr);
        rgb[out++] = (byte) green(luma, cb, cr);
        rgb[out++] = (byte) blue(luma, cb);
      }
    }
  }

  private static int put(byte[] rgb, int at, int red, int green, int blue) {
    rgb[at] = (byte) red;
    rgb[at + 1] = (byte) green;
    rgb[at + 2] = (byte) blue;
    return at + 3;
  }

  // JFIF's YCbCr in 16-bit fixed point, rounded as libjpeg does
  private static int red(int luma, int cr) {
    return clip(luma + ((91881 * (cr - 128) + 32768) >> 16));
  }

  private static int green(int luma, int cb, int cr) {
    return clip(luma + ((-22554 * (cb - 128) - 46802 * (cr - 128) + 32768) >> 16));
  }

  private static int blue(int luma, int cb) {
    return clip(luma + ((116130 * (cb - 128) + 32768) >> 16));
  }

  private static int clip(int value) {
    return Math.max(0, Math.min(value, 255));
  }

  /// One channel from inverted ink and inverted black, both 255 = none.
  private static int ink(int invertedInk, int invertedBlack) {
    int product = (255 - invertedInk) * invertedBlack + 128;
    int absorbed = ((product >> 8) + product) >> 8;
    return clip(invertedBlack - absorbed);
  }
}
