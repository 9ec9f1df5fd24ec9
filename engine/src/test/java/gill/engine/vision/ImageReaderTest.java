package gill.engine.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Pixels;
import gill.engine.vision.ReadResult.Decoded;
import gill.engine.vision.ReadResult.Reason;
import gill.engine.vision.ReadResult.Rejected;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReaderTest {
  private static final ImageLimits LIMITS = ImageLimits.DEFAULT;

  static List<PillowGolden.Picture> pictures() {
    return PillowGolden.pictures();
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void read_anyGoldenFile_givesPillowsPixels(PillowGolden.Picture picture) {
    Pixels pixels = decoded(picture.bytes());

    assertEquals(picture.decoded().width(), pixels.width());
    assertEquals(picture.decoded().height(), pixels.height());
    int largest = PillowGolden.largestDifference(picture.decoded(), pixels);
    assertEquals(0, largest, picture::file);
  }

  @Test
  void read_noBytes_isEmptyFile() {
    assertEquals("empty_file", rejected(new byte[0], LIMITS).code());
  }

  @Test
  void read_text_isNotAnImage() {
    byte[] text = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    assertEquals(Reason.NOT_AN_IMAGE, rejected(text, LIMITS).reason());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0\0\0\u001cftypavif....", "8BPS\0\u0001......", "%PDF-1.7"})
  void read_formatThatIsNotRead_namesIt(String head) {
    Rejected answer = rejected(head.getBytes(StandardCharsets.ISO_8859_1), LIMITS);
    assertEquals(Reason.UNSUPPORTED_FORMAT, answer.reason());
    assertTrue(answer.message().contains("send JPEG, PNG, GIF, BMP, WebP, TIFF or SVG"));
  }

  @Test
  void read_fileOverTheByteLimit_isNotDecoded() {
    byte[] file = PillowGolden.resource("png-rgb.png");
    ImageLimits limits = new ImageLimits(file.length - 1L, 1000, 1000);
    assertEquals(Reason.TOO_LARGE_BYTES, rejected(file, limits).reason());
  }

  @Test
  void read_pathOverTheByteLimit_isNotLoaded(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("a.png"), new byte[100]);
    ReadResult answer = ImageReader.read(file, new ImageLimits(99, 1000, 1000));
    assertEquals(Reason.TOO_LARGE_BYTES, assertInstanceOf(Rejected.class, answer).reason());
  }

  @Test
  void read_decompressionBomb_isRefusedFromItsHeader() throws IOException {
    byte[] bomb = png(30_000, 30_000, new byte[2_000_000]);
    Rejected answer = assertTimeout(Duration.ofSeconds(2), () -> rejected(bomb, LIMITS));
    assertEquals(Reason.TOO_MANY_PIXELS, answer.reason());
    assertTrue(answer.message().contains("30000x30000"), answer::message);
  }

  @Test
  void read_sideOverTheLimit_isRefused() throws IOException {
    byte[] strip = png(1, 40_000, new byte[10]);
    assertEquals(Reason.TOO_MANY_PIXELS, rejected(strip, LIMITS).reason());
  }

  @Test
  void read_webpWithAHugeHeader_isRefusedFromIt() {
    byte[] lossy = PillowGolden.resource("webp-lossy.webp");
    byte[] lossless = PillowGolden.resource("webp-lossless.webp");
    byte[] animated = PillowGolden.resource("webp-animated.webp");
    assertEquals("VP8 VP8LVP8X", chunk(lossy) + chunk(lossless) + chunk(animated));
    ByteBuffer.wrap(lossy).putInt(26, 0xff3fff3f); // 16383 x 16383, lower byte first
    ByteBuffer.wrap(lossless).putInt(21, 0xffffff0f); // 16384 x 16384
    ByteBuffer.wrap(animated).putInt(24, 0xffff00ff).putShort(28, (short) 0xff00);
    assertTrue(tooManyPixels(lossy).contains("16383x16383"));
    assertTrue(tooManyPixels(lossless).contains("16384x16384"));
    assertTrue(tooManyPixels(animated).contains("65536x65536"));
  }

  @Test
  void read_webpFrameOfAnotherSizeThanItsHeader_isCorrupt() {
    byte[] alpha = PillowGolden.resource("webp-lossy-alpha.webp");
    assertEquals("VP8X", chunk(alpha));
    alpha[24]++; // the width less one
    assertEquals(Reason.CORRUPT, rejected(alpha, LIMITS).reason());
  }

  @Test
  void read_webpWithABrokenAlphaPlane_isCorrupt() {
    byte[] alpha = PillowGolden.resource("webp-lossy-alpha.webp");
    assertEquals("ALPH", new String(alpha, 30, 4, StandardCharsets.US_ASCII));
    Arrays.fill(alpha, 39, 139, (byte) 0xff);
    assertEquals(Reason.CORRUPT, rejected(alpha, LIMITS).reason());
  }

  @Test
  void read_webpFrameOutsideOfItsCanvas_isCorrupt() {
    byte[] animated = PillowGolden.resource("webp-animated.webp");
    animated[24] = 30;
    assertEquals(Reason.CORRUPT, rejected(animated, LIMITS).reason());
  }

  @Test
  void read_headerWithoutPixels_isTruncatedOrCorrupt() throws IOException {
    byte[] whole = png(100, 100, new byte[10]);
    assertBroken(ImageReader.read(Arrays.copyOf(whole, 40), LIMITS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"jpeg-420.jpg", "jpeg-422-progressive.jpg", "jpeg-cmyk.jpg", "jpeg-grey.jpg"})
  void read_halfAJpeg_isTruncated(String name) {
    byte[] whole = PillowGolden.resource(name);
    for (int percent : new int[] {60, 75, 90, 97}) {
      byte[] part = Arrays.copyOf(whole, whole.length * percent / 100);
      assertEquals(Reason.TRUNCATED, rejected(part, LIMITS).reason());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "png-rgb.png",
        "png-palette.png",
        "png-16-rgba.png",
        "bmp-24.bmp",
        "gif-transparent.gif",
        "webp-lossy.webp",
        "webp-lossless.webp",
        "webp-animated.webp"
      })
  void read_halfAFile_isRejected(String name) {
    byte[] whole = PillowGolden.resource(name);
    // half of an animation may still hold its whole first frame
    int kept = name.endsWith(".gif") ? whole.length / 4 : whole.length / 2;
    assertBroken(ImageReader.read(Arrays.copyOf(whole, kept), LIMITS));
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void read_damagedFiles_alwaysAnswers(PillowGolden.Picture picture) {
    Random random = new Random(picture.file().hashCode());
    byte[] whole = picture.bytes();
    for (int round = 0; round < 40; round++) {
      byte[] damaged = whole.clone();
      for (int i = 0; i <= random.nextInt(8); i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      int kept = random.nextBoolean() ? damaged.length : random.nextInt(damaged.length);
      switch (ImageReader.read(Arrays.copyOf(damaged, kept), LIMITS)) {
        case Decoded(Pixels pixels, _) ->
            assertTrue((long) pixels.width() * pixels.height() <= LIMITS.maxPixels());
        case Rejected(_, String message) -> assertTrue(!message.isBlank());
      }
    }
  }

  @Test
  void read_gifFrameSmallerThanItsScreen_isPlacedOnWhite() {
    byte[] gif = PillowGolden.resource("gif-transparent.gif").clone();
    gif[6] = 60; // the screen is 60x50, the frame stays 45x38
    gif[8] = 50;
    Pixels pixels = decoded(gif);
    assertEquals(60, pixels.width());
    assertEquals(50, pixels.height());
    byte[] rgb = pixels.rgb();
    assertEquals(255, rgb[rgb.length - 1] & 0xff);
  }

  private static String chunk(byte[] webp) {
    return new String(webp, 12, 4, StandardCharsets.US_ASCII);
  }

  private static String tooManyPixels(byte[] file) {
    Rejected answer = rejected(file, LIMITS);
    assertEquals(Reason.TOO_MANY_PIXELS, answer.reason());
    return answer.message();
  }

  private static void assertBroken(ReadResult answer) {
    Reason reason = assertInstanceOf(Rejected.class, answer).reason();
    assertTrue(reason == Reason.TRUNCATED || reason == Reason.CORRUPT, reason::code);
  }

  private static Pixels decoded(byte[] file) {
    return switch (ImageReader.read(file, LIMITS)) {
      case Decoded(Pixels pixels, _) -> pixels;
      case Rejected(Reason reason, String message) ->
          throw new AssertionError(reason.code() + ": " + message);
    };
  }

  private static Rejected rejected(byte[] file, ImageLimits limits) {
    return assertInstanceOf(Rejected.class, ImageReader.read(file, limits));
  }

  /// A grey PNG that says it has `width`x`height` pixels, whatever its data.
  private static byte[] png(int width, int height, byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put(new byte[] {8, 0, 0, 0, 0});
    chunk(out, "IHDR", header.array());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflate =
        new DeflaterOutputStream(packed, new Deflater(Deflater.BEST_COMPRESSION))) {
      deflate.write(data);
    }
    chunk(out, "IDAT", packed.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] body)
      throws IOException {
    byte[] named =
        ByteBuffer.allocate(4 + body.length)
            .put(type.getBytes(StandardCharsets.US_ASCII))
            .put(body)
            .array();
    CRC32 crc = new CRC32();
    crc.update(named);
    out.write(ByteBuffer.allocate(4).putInt(body.length).array());
    out.write(named);
    out.write(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
