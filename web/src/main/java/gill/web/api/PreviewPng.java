package gill.web.api;

import gill.engine.flow.Pixels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/// A look at an unfinished picture as PNG. It holds no origin: only the finished one counts.
final class PreviewPng {
  private PreviewPng() {}

  static String base64(Pixels pixels) {
    return Base64.getEncoder().encodeToString(of(pixels));
  }

  private static byte[] of(Pixels pixels) {
    BufferedImage image =
        new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = pixels.rgb();
    for (int i = 0; i < rgb.length / 3; i++) {
      int colour = (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | (rgb[3 * i + 2] & 255);
      image.setRGB(i % pixels.width(), i / pixels.width(), colour);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
