package gill.engine.vision;

import gill.engine.flow.Pixels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// How a camera was held: EXIF tag 0x0112, read from JPEG (APP1), PNG (`eXIf`), WebP (`EXIF`) and
/// TIFF itself.
///
/// Broken EXIF data counts as upright, as viewers do it.
enum ExifOrientation {
  UPRIGHT,
  MIRRORED,
  UPSIDE_DOWN,
  FLIPPED,
  TRANSPOSED,
  TURNED_LEFT,
  TRANSVERSED,
  TURNED_RIGHT;

  private static final int TAG = 0x0112;
  private static final byte[] EXIF_HEADER = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  static ExifOrientation of(ImageFormat format, byte[] file) {
    return switch (format) {
      case JPEG -> ofJpeg(file);
      case PNG -> ofPng(file);
      case WEBP -> ofWebp(file);
      case TIFF -> ofTiff(file, 0, file.length);
      case GIF, BMP, SVG -> UPRIGHT;
    };
  }

  private static ExifOrientation ofJpeg(byte[] file) {
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 0xff) == 0xff) {
      int marker = file[at + 1] & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      if (marker == 0xda || marker == 0xd9) {
        break;
      }
      int length = (file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff);
      if (length < 2 || at + 2 + length > file.length) {
        break;
      }
      if (marker == 0xe1
          && length >= 8 + EXIF_HEADER.length
          && Arrays.equals(
              file, at + 4, at + 4 + EXIF_HEADER.length, EXIF_HEADER, 0, EXIF_HEADER.length)) {
        return ofTiff(file, at + 4 + EXIF_HEADER.length, at + 2 + length);
      }
      at += 2 + length;
    }
    return UPRIGHT;
  }

  private static ExifOrientation ofPng(byte[] file) {
    ByteBuffer png = ByteBuffer.wrap(file);
    int at = 8;
    while (at + 12 <= file.length) {
      int length = png.getInt(at);
      if (length < 0 || length > file.length - at - 12) {
        break;
      }
      if (png.getInt(at + 4) == 0x65584966) { // eXIf
        return ofTiff(file, at + 8, at + 8 + length);
      }
      at += 12 + length;
    }
    return UPRIGHT;
  }

  private static ExifOrientation ofWebp(byte[] file) {
    ByteBuffer riff = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = 12;
    while (at + 8 <= file.length) {
      int length = riff.getInt(at + 4);
      if (length < 0 || length > file.length - at - 8) {
        break;
      }
      if (riff.getInt(at) == 0x46495845) { // EXIF
        boolean prefixed =
            length > 6 && Arrays.equals(file, at + 8, at + 14, EXIF_HEADER, 0, EXIF_HEADER.length);
        return ofTiff(file, at + 8 + (prefixed ? 6 : 0), at + 8 + length);
      }
      at += 8 + length + (length & 1);
    }
    return UPRIGHT;
  }

  private static ExifOrientation ofTiff(byte[] file, int start, int end) {
    if (end - start < 14) {
      return UPRIGHT;
    }
    ByteBuffer tiff = ByteBuffer.wrap(file, start, end - start).slice();
    short order = tiff.getShort(0);
    if (order != 0x4949 && order != 0x4d4d) {
      return UPRIGHT;
    }
    tiff.order(order == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    if (tiff.getShort(2) != 42 || directory < 8 || directory > tiff.limit() - 2) {
      return UPRIGHT;
    }
    int entries = tiff.getShort(directory) & 0xffff;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if (entry > tiff.limit() - 12) {
        return UPRIGHT;
      }
      if ((tiff.getShort(entry) & 0xffff) == TAG) {
        int value = tiff.getShort(entry + 8);
        return value >= 1 && value <= 8 ? values()[value - 1] : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  /// The picture turned so that its top is up.
  Pixels upright(Pixels stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    int storedWidth = stored.width();
    int storedHeight = stored.height();
    boolean swapped = compareTo(TRANSPOSED) >= 0;
    int width = swapped ? storedHeight : storedWidth;
    int height = swapped ? storedWidth : storedHeight;
    byte[] from = stored.rgb();
    byte[] to = new byte[from.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int right = storedWidth - 1;
        int bottom = storedHeight - 1;
        int source =
            switch (this) {
              case UPRIGHT -> y * storedWidth + x;
              case MIRRORED -> y * storedWidth + right - x;
              case UPSIDE_DOWN -> (bottom - y) * storedWidth + right - x;
              case FLIPPED -> (bottom - y) * storedWidth + x;
              case TRANSPOSED -> x * storedWidth + y;
              case TURNED_LEFT -> (bottom - x) * storedWidth + y;
              case TRANSVERSED -> (bottom - x) * storedWidth + right - y;
              case TURNED_RIGHT -> x * storedWidth + right - y;
            };
        System.arraycopy(from, 3 * source, to, 3 * (y * width + x), 3);
      }
    }
    return Pixels.of(width, height, to);
  }
}
