package gill.engine.vision;

import gill.engine.flow.Pixels;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// Pixels as the bytes of a picture file, for people to look at. Stateless.
public final class PictureFile {
  private PictureFile() {}

  /// Without loss.
  public static byte[] png(Pixels picture) {
    return write(picture, "png", -1);
  }

  /// @param quality in [0, 1]
  public static byte[] jpeg(Pixels picture, float quality) {
    return write(picture, "jpeg", quality);
  }

  /// The whole picture, its longer side at most `side` pixels.
  public static Pixels thumbnail(Pixels picture, int side) {
    int longer = Math.max(picture.width(), picture.height());
    if (longer <= side) {
      return picture;
    }
    int width = Math.max(1, Math.round((float) picture.width() * side / longer));
    int height = Math.max(1, Math.round((float) picture.height() * side / longer));
    return new Resizer(Resampling.BILINEAR).resize(picture, width, height);
  }

  private static byte[] write(Pixels picture, String format, float quality) {
    BufferedImage image =
        new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_3BYTE_BGR);
    WritableRaster raster = image.getRaster();
    byte[] rgb = picture.rgb();
    int[] row = new int[3 * picture.width()];
    for (int y = 0; y < picture.height(); y++) {
      for (int i = 0; i < row.length; i++) {
        row[i] = rgb[y * row.length + i] & 0xff;
      }
      raster.setPixels(0, y, picture.width(), 1, row);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer =
        ImageIO.getImageWritersByFormatName(format.toLowerCase(Locale.ROOT)).next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam options = writer.getDefaultWriteParam();
      if (quality >= 0) {
        options.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        options.setCompressionQuality(quality);
      }
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), options);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a picture as " + format, e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
