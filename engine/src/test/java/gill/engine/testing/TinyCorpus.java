package gill.engine.testing;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Pixels;
import gill.engine.mapper.RetrievalHead;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.IndexHeader;
import gill.engine.runtime.Bundle;
import gill.engine.vision.VisualEncoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import javax.imageio.ImageIO;

/// A corpus of small, seeded, real PNG files and the index a bundle makes of it.
public final class TinyCorpus {
  private static final String[] NAMES = {
    "red apple",
    "blue umbrella",
    "green frog",
    "yellow banana",
    "purple key",
    "black cat",
    "white dog",
    "pink house"
  };

  private TinyCorpus() {}

  /// Writes `count` pictures and their index below `directory`; returns the index folder.
  public static Path index(Path directory, Path bundleFolder, int count) {
    return index(directory, bundleFolder, count, TinyCorpus::picture);
  }

  /// The same with other pictures.
  public static Path index(
      Path directory, Path bundleFolder, int count, IntFunction<Pixels> pictures) {
    Path images = directory.resolve("images");
    Path index = directory.resolve("index");
    try (Bundle bundle = Bundle.open(bundleFolder)) {
      Files.createDirectories(images);
      VisualEncoder encoder = new VisualEncoder(bundle);
      RetrievalHead head = new RetrievalHead(bundle);
      List<ImageRecord> records = new ArrayList<>();
      List<float[]> pooled = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Pixels pixels = pictures.apply(i);
        String name = NAMES[i % NAMES.length] + (i < NAMES.length ? "" : " " + i);
        String file = "picture-" + i + ".png";
        write(pixels, images.resolve(file));
        records.add(record("tiny/" + i, name, file));
        pooled.add(encoder.pooled(pixels));
      }
      IndexHeader header =
          new IndexHeader(
              new BundleStamp(
                  bundle.manifest().name(), bundle.manifest().version(), bundle.fingerprint()),
              bundle.manifest().vision().embedDim(),
              bundle.manifest().gill().retrievalDim(),
              images);
      try (ImageIndexWriter writer = ImageIndexWriter.replace(index, header)) {
        for (int i = 0; i < count; i++) {
          writer.add(
              records.get(i),
              encoder.clipEmbedding(pooled.get(i)),
              head.imageEmbedding(pooled.get(i)));
        }
        writer.commit();
      }
      return index;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A disc of a seeded colour on white, 24 x 24.
  public static Pixels disc(int seed) {
    Random random = new Random(seed);
    byte[] tint = {(byte) random.nextInt(200), (byte) random.nextInt(200), 30};
    byte[] rgb = new byte[24 * 24 * 3];
    for (int i = 0; i < rgb.length; i++) {
      boolean inside = Math.hypot(i / 3 % 24 - 11.5, i / 72 - 11.5) < 9;
      rgb[i] = inside ? tint[i % 3] : (byte) 0xff;
    }
    return Pixels.of(24, 24, rgb);
  }

  /// A seeded picture of coloured noise, 24 x 20.
  public static Pixels picture(int seed) {
    Random random = new Random(seed);
    byte[] rgb = new byte[24 * 20 * 3];
    int[] tint = {random.nextInt(200), random.nextInt(200), random.nextInt(200)};
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (tint[i % 3] + random.nextInt(56));
    }
    return Pixels.of(24, 20, rgb);
  }

  /// A picture as a PNG file's bytes.
  public static byte[] png(Pixels pixels) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    try {
      ImageIO.write(image(pixels), "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void write(Pixels pixels, Path file) throws IOException {
    Files.write(file, png(pixels));
  }

  private static BufferedImage image(Pixels pixels) {
    BufferedImage image =
        new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = pixels.rgb();
    for (int i = 0; i < pixels.width() * pixels.height(); i++) {
      int value =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      image.setRGB(i % pixels.width(), i / pixels.width(), value);
    }
    return image;
  }

  private static ImageRecord record(String id, String caption, String file) {
    return new ImageRecord(
        new ImageId(id),
        caption,
        List.of(caption.split(" ")),
        caption.endsWith("apple") ? Map.of("de", "Apfel") : Map.of(),
        "tiny",
        "nobody",
        "CC0-1.0",
        "noise",
        "test",
        List.of(caption.split(" ")[0]),
        file,
        "",
        24,
        20,
        Map.of());
  }
}
