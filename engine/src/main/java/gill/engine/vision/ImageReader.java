package gill.engine.vision;

import gill.engine.flow.Pixels;
import gill.engine.vision.ReadResult.Decoded;
import gill.engine.vision.ReadResult.Reason;
import gill.engine.vision.ReadResult.Rejected;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// Reads untrusted bytes as a picture: JPEG, PNG, GIF (first frame), BMP, WebP, TIFF (first page)
/// and SVG.
///
/// The format is sniffed from the bytes, the size is checked in the header before a pixel is
/// decoded, and whatever the bytes are, the answer is a value. No picture touches the disk. EXIF
/// orientation is applied, transparency composed on white, colour profiles ignored: the pixels are
/// those of the training side's reference (docs/model-bundle-format.md). Stateless, so safe for use
/// by many threads.
public final class ImageReader {
  static {
    ImageIO.setUseCache(false);
  }

  private static final String FORMATS = "JPEG, PNG, GIF, BMP, WebP, TIFF or SVG";

  private ImageReader() {}

  /// Reads a file; a file over the byte limit is not loaded. Throws [IOException] if it cannot be
  /// read from the disk.
  public static ReadResult read(Path file, ImageLimits limits) throws IOException {
    long size = Files.size(file);
    if (size > limits.maxBytes()) {
      return tooLarge(size, limits);
    }
    return read(Files.readAllBytes(file), limits);
  }

  public static ReadResult read(byte[] file, ImageLimits limits) {
    if (file.length == 0) {
      return new Rejected(Reason.EMPTY_FILE, "the file is empty");
    }
    if (file.length > limits.maxBytes()) {
      return tooLarge(file.length, limits);
    }
    Optional<ImageFormat> format = ImageFormat.sniff(file);
    if (format.isEmpty()) {
      return ImageFormat.sniffUnsupported(file)
          .map(name ->
              new Rejected(Reason.UNSUPPORTED_FORMAT, name + " is not read; send " + FORMATS))
          .orElseGet(
              () -> new Rejected(Reason.NOT_AN_IMAGE, "the bytes are no picture; send " + FORMATS));
    }
    return decode(file, format.get(), limits);
  }

  private static Rejected tooLarge(long size, ImageLimits limits) {
    return new Rejected(
        Reason.TOO_LARGE_BYTES,
        "the file has " + size + " bytes, at most " + limits.maxBytes() + " are read");
  }

  // Decoders answer broken bytes with all kinds of runtime exceptions; each means a corrupt file.
  private static ReadResult decode(byte[] file, ImageFormat format, ImageLimits limits) {
    Warnings warnings = new Warnings();
    try {
      ReadResult read =
          switch (format) {
            case WEBP -> decodeWebp(file, limits);
            case SVG -> new Decoded(Samples.onWhite(SvgFile.draw(file)), ImageFormat.SVG);
            case JPEG, PNG, GIF, BMP, TIFF -> decodeByPlugin(file, format, limits, warnings);
          };
      return warnings.truncated ? truncated(format) : read;
    } catch (IOException | RuntimeException e) {
      return warnings.truncated || causedByEnd(e) ? truncated(format) : corrupt(format, e);
    }
  }

  private static ReadResult decodeWebp(byte[] file, ImageLimits limits) throws IOException {
    WebpFile webp = new WebpFile(file);
    Screen screen = webp.screen();
    Optional<Rejected> oversized = oversized(screen.width(), screen.height(), limits);
    if (oversized.isPresent()) {
      return oversized.get();
    }
    return upright(Samples.onWhite(screen.place(webp.decode())), ImageFormat.WEBP, file);
  }

  private static ReadResult decodeByPlugin(
      byte[] file, ImageFormat format, ImageLimits limits, Warnings warnings) throws IOException {
    javax.imageio.ImageReader decoder = decoderOf(format);
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      decoder.setInput(in, true, true);
      decoder.addIIOReadWarningListener(warnings);
      Screen screen =
          format == ImageFormat.GIF
              ? Screen.ofGif(file)
              : new Screen(decoder.getWidth(0), decoder.getHeight(0), 0, 0);
      Optional<Rejected> oversized =
          oversized(
              Math.max(screen.width(), decoder.getWidth(0)),
              Math.max(screen.height(), decoder.getHeight(0)),
              limits);
      if (oversized.isPresent()) {
        return oversized.get();
      }
      if (format == ImageFormat.JPEG) {
        JpegStructure structure = JpegStructure.of(file);
        if (!structure.whole()) {
          throw new EOFException("no end of image");
        }
        return upright(
            Samples.ofJpeg(decoder.readRaster(0, null), structure.colours()), format, file);
      }
      return upright(Samples.onWhite(screen.place(decoder.read(0))), format, file);
    } finally {
      decoder.dispose();
    }
  }

  private static Decoded upright(Pixels stored, ImageFormat format, byte[] file) {
    return new Decoded(ExifOrientation.of(format, file).upright(stored), format);
  }

  private static javax.imageio.ImageReader decoderOf(ImageFormat format) {
    Iterator<javax.imageio.ImageReader> decoders =
        ImageIO.getImageReadersByFormatName(format.name());
    if (!decoders.hasNext()) {
      throw new IllegalStateException(
          "no ImageIO plugin for " + format + ": its jar is missing from the class path");
    }
    return decoders.next();
  }

  private static Optional<Rejected> oversized(int width, int height, ImageLimits limits) {
    if ((long) width * height <= limits.maxPixels()
        && width <= limits.maxSide()
        && height <= limits.maxSide()) {
      return Optional.empty();
    }
    return Optional.of(
        new Rejected(
            Reason.TOO_MANY_PIXELS,
            String.format(
                Locale.ROOT,
                "the picture has %dx%d pixels, at most %d in all and %d a side are read",
                width,
                height,
                limits.maxPixels(),
                limits.maxSide())));
  }

  private static Rejected truncated(ImageFormat format) {
    return new Rejected(Reason.TRUNCATED, "the " + format + " ends early; send the whole file");
  }

  private static Rejected corrupt(ImageFormat format, Exception cause) {
    return new Rejected(
        Reason.CORRUPT, "the " + format + " cannot be decoded: " + cause.getMessage());
  }

  private static boolean causedByEnd(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof EOFException) {
        return true;
      }
    }
    return false;
  }

  /// Decoders go on after the end of the data and only warn.
  private static final class Warnings implements javax.imageio.event.IIOReadWarningListener {
    private boolean truncated;

    @Override
    public void warningOccurred(javax.imageio.ImageReader source, String warning) {
      String text = warning.toLowerCase(Locale.ROOT);
      truncated |= text.contains("premature end") || text.contains("truncated");
    }
  }
}
