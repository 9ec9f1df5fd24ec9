package gill.engine.vision;

import gill.engine.flow.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The pictures under `pillow/`, written by `python -m gill_training pillow-golden`.
final class PillowGolden {
  /// A file, Pillow's decoding of it, and Pillow's resizings of that by name.
  record Picture(String file, Pixels decoded, Map<String, Pixels> resized) {
    byte[] bytes() {
      return resource(file);
    }

    @Override
    public String toString() {
      return file;
    }
  }

  private PillowGolden() {}

  static List<Picture> pictures() {
    List<Picture> pictures = new ArrayList<>();
    JsonNode manifest = new JsonMapper().readTree(resource("manifest.json"));
    for (JsonNode row : manifest.path("pictures")) {
      Map<String, Pixels> resized = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : row.path("resized").properties()) {
        resized.put(entry.getKey(), expected(entry.getValue().stringValue()));
      }
      pictures.add(
          new Picture(
              row.path("file").stringValue(),
              expected(row.path("decoded").stringValue()),
              resized));
    }
    return pictures;
  }

  static Picture picture(String file) {
    return pictures().stream().filter(p -> p.file().equals(file)).findFirst().orElseThrow();
  }

  static byte[] resource(String name) {
    try (InputStream in = PillowGolden.class.getResourceAsStream("/pillow/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource pillow/" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Pixels expected(String name) {
    try {
      BufferedImage image = ImageIO.read(new java.io.ByteArrayInputStream(resource(name)));
      byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
      for (int i = 0; i < rgb.length; i++) {
        int pixel = i / 3;
        int argb = image.getRGB(pixel % image.getWidth(), pixel / image.getWidth());
        rgb[i] = (byte) (argb >> 16 - 8 * (i % 3));
      }
      return Pixels.of(image.getWidth(), image.getHeight(), rgb);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The largest difference of two channels, in levels of 255.
  static int largestDifference(Pixels one, Pixels other) {
    byte[] a = one.rgb();
    byte[] b = other.rgb();
    int largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs((a[i] & 0xff) - (b[i] & 0xff)));
    }
    return largest;
  }
}
