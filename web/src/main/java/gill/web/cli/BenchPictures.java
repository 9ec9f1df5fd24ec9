package gill.web.cli;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;

/// JPEGs for measurements: gradients, shapes and grain by a fixed seed, of about the bytes that
/// photographs of that size have.
final class BenchPictures {
  private BenchPictures() {}

  /// Makes `count` pictures in the folder, unless they are there.
  static Path make(Path folder, int count, int width, int height) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < count; i++) {
      Path file = folder.resolve(String.format(Locale.ROOT, "%03d/%06d.jpg", i / 1000, i));
      if (!Files.exists(file)) {
        Files.createDirectories(file.resolveSibling(""));
        Path part = folder.resolve("part.jpg");
        if (!ImageIO.write(picture(i, width, height), "jpeg", part.toFile())) {
          throw new IOException("this Java writes no JPEG");
        }
        Files.move(part, file);
      }
    }
    return folder;
  }

  private static BufferedImage picture(long seed, int width, int height) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setPaint(new GradientPaint(0, 0, colour(random), width, height, colour(random)));
    graphics.fillRect(0, 0, width, height);
    for (int i = 0; i < 40; i++) {
      graphics.setColor(colour(random));
      graphics.fillOval(
          random.nextInt(width),
          random.nextInt(height),
          1 + random.nextInt(width / 4),
          1 + random.nextInt(height / 4));
    }
    graphics.dispose();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int grain = random.nextInt(9) - 4;
        int rgb = image.getRGB(x, y);
        image.setRGB(
            x,
            y,
            Math.clamp((rgb >> 16 & 0xff) + grain, 0, 255) << 16
                | Math.clamp((rgb >> 8 & 0xff) + grain, 0, 255) << 8
                | Math.clamp((rgb & 0xff) + grain, 0, 255));
      }
    }
    return image;
  }

  private static Color colour(Random random) {
    return new Color(random.nextInt(256), random.nextInt(256), random.nextInt(256));
  }
}
