package gill.engine.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.BundleException;
import gill.engine.flow.Pixels;
import gill.engine.runtime.FloatTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImagePreprocessorTest {
  @TempDir Path folder;

  static List<PillowGolden.Picture> pictures() {
    return PillowGolden.pictures();
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void resized_pillowsDecoding_givesPillowsResizingBitForBit(PillowGolden.Picture picture) {
    picture
        .resized()
        .forEach((how, expected) ->
            assertEquals(expected, preprocessor(config(how)).resized(picture.decoded()), how));
  }

  /// The manifest's names of resizings as configurations.
  private static String config(String how) {
    String[] words = how.split("-|(?<=\\d)x");
    return switch (words[0]) {
      case "letterbox" ->
          """
          {"size": {"height": %1$s, "width": %1$s}, "pad_to_square": true, "resample": 3,
           "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}\
          """
              .formatted(words[1]);
      case "stretch" ->
          """
          {"size": {"width": %s, "height": %s}, "resample": %d,
           "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}\
          """
              .formatted(
                  words[1],
                  words[2],
                  List.of("", "lanczos", "bilinear", "bicubic")
                      .indexOf(how.substring(how.lastIndexOf('-') + 1)));
      case "crop" ->
          """
          {"size": {"shortest_edge": %1$s}, "do_center_crop": true,
           "crop_size": {"height": %2$s, "width": %2$s}, "resample": 3,
           "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}\
          """
              .formatted(words[1], words[2]);
      default -> throw new IllegalArgumentException(how);
    };
  }

  @Test
  void resized_anyPlainColour_staysThatColour() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      int level = random.nextInt(256);
      int width = 1 + random.nextInt(300);
      int height = 1 + random.nextInt(300);
      Pixels plain = plain(width, height, level);
      Pixels resized =
          new Resizer(Resampling.values()[round % 3])
              .resize(plain, 1 + random.nextInt(64), 1 + random.nextInt(64));
      for (byte value : resized.rgb()) {
        assertEquals(level, value & 0xff);
      }
    }
  }

  @Test
  void resized_longThinStrip_needsNoSquareOfItsLength() {
    Pixels strip = plain(32_000, 1, 255);
    Pixels square =
        assertTimeout(
            Duration.ofSeconds(5), () -> preprocessor(config("letterbox-48")).resized(strip));
    assertEquals(plain(48, 48, 255), square);
  }

  @Test
  void resized_letterbox_equalsResizingThePaddedSquare() {
    Random random = new Random(11);
    ImagePreprocessor letterbox = preprocessor(config("letterbox-48"));
    for (int round = 0; round < 30; round++) {
      Pixels picture = noise(random, 1 + random.nextInt(90), 1 + random.nextInt(90));
      Pixels padded = padded(picture);
      assertEquals(
          new Resizer(Resampling.BICUBIC).resize(padded, 48, 48), letterbox.resized(picture));
    }
  }

  @Test
  void pixelValues_ofABatch_areThoseOfEachPicture() {
    Random random = new Random(3);
    ImagePreprocessor preprocessor = preprocessor(config("letterbox-48"));
    Pixels one = noise(random, 50, 20);
    Pixels other = noise(random, 10, 70);
    FloatTensor both = preprocessor.pixelValues(List.of(one, other));
    assertArrayEquals(new long[] {2, 3, 48, 48}, both.shape());
    int size = 3 * 48 * 48;
    assertArrayEquals(
        preprocessor.pixelValues(one).data(), Arrays.copyOfRange(both.data(), 0, size));
    assertArrayEquals(
        preprocessor.pixelValues(other).data(), Arrays.copyOfRange(both.data(), size, 2 * size));
  }

  @Test
  void pixelValues_arePlanesOfNormalisedLevels() {
    String json =
        """
        {"size": {"height": 1, "width": 2}, "resample": 3, "rescale_factor": 0.5,
         "image_mean": [1, 2, 3], "image_std": [0.5, 0.25, 2]}\
        """;
    Pixels picture = Pixels.of(2, 1, new byte[] {2, 4, 6, 8, 10, 12});
    assertArrayEquals(
        new float[] {0, 6, 0, 12, 0, 1.5f}, preprocessor(json).pixelValues(picture).data());
  }

  @Test
  void read_configWithoutSize_namesFileAndKey() {
    BundleException thrown = assertThrows(BundleException.class, () -> preprocessor("{}"));
    assertTrue(thrown.toString().contains("preprocessor_config.json: size"), thrown::toString);
  }

  private ImagePreprocessor preprocessorIn(Path where, String json) {
    try {
      Path file = Files.writeString(where.resolve("preprocessor_config.json"), json);
      return ImagePreprocessor.read(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private ImagePreprocessor preprocessor(String json) {
    return preprocessorIn(folder, json);
  }

  private static Pixels plain(int width, int height, int level) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) level);
    return Pixels.of(width, height, rgb);
  }

  private static Pixels noise(Random random, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    random.nextBytes(rgb);
    return Pixels.of(width, height, rgb);
  }

  private static Pixels padded(Pixels picture) {
    int side = Math.max(picture.width(), picture.height());
    byte[] square = plain(side, side, 255).rgb();
    byte[] rgb = picture.rgb();
    int left = (side - picture.width()) / 2;
    int top = (side - picture.height()) / 2;
    for (int y = 0; y < picture.height(); y++) {
      System.arraycopy(
          rgb, 3 * y * picture.width(), square, 3 * ((top + y) * side + left), 3 * picture.width());
    }
    return Pixels.of(side, side, square);
  }
}
