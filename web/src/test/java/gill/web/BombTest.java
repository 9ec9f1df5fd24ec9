package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Small pictures and bodies that would become huge are refused for what they are, at once.
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
class BombTest {
  private final RunningServer running;

  BombTest(@TempDir Path folder) {
    running = new RunningServer(folder);
  }

  @AfterEach
  void goesOn() throws Exception {
    assertEquals(200, running.http.post("/v1/lookup", "{\"prompt\": \"a\"}").statusCode());
  }

  @AfterAll
  void stop() {
    running.close();
  }

  private HttpResponse<String> embed(String type, byte[] picture) throws Exception {
    String data = "data:" + type + ";base64," + Base64.getEncoder().encodeToString(picture);
    return running.http.post("/v1/embeddings", "{\"input\": \"" + data + "\"}");
  }

  private void refused(HttpResponse<String> answer) {
    assertEquals(422, answer.statusCode(), answer.body());
    assertEquals("unreadable_image", Http.json(answer).get("code").stringValue());
  }

  private static byte[] chunk(String name, byte[] data) {
    byte[] named = new byte[data.length + 4];
    System.arraycopy(name.getBytes(StandardCharsets.US_ASCII), 0, named, 0, 4);
    System.arraycopy(data, 0, named, 4, data.length);
    CRC32 crc = new CRC32();
    crc.update(named);
    return ByteBuffer.allocate(named.length + 8)
        .putInt(data.length)
        .put(named)
        .putInt((int) crc.getValue())
        .array();
  }

  private static byte[] zeros(int count) throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(new byte[count]);
    }
    return packed.toByteArray();
  }

  private static byte[] png(int side, byte[]... chunks) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    byte[] rgb = {8, 2, 0, 0, 0};
    file.writeBytes(
        chunk("IHDR", ByteBuffer.allocate(13).putInt(side).putInt(side).put(rgb).array()));
    for (byte[] chunk : chunks) {
      file.writeBytes(chunk);
    }
    file.writeBytes(chunk("IEND", new byte[0]));
    return file.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1001, 30_000, 2_000_000_000, -1})
  void png_thatSaysItIsHuge_isRefused(int side) throws Exception {
    refused(embed("image/png", png(side, chunk("IDAT", zeros(100_000)))));
  }

  @Test
  void png_whoseDataAreMoreThanItsPixels_isReadNoFurther() throws Exception {
    byte[] bomb = png(8, chunk("IDAT", zeros(8 << 20)));
    assertTrue(bomb.length < 20_000);
    assertTrue(embed("image/png", bomb).statusCode() < 500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zTXt", "iCCP", "iTXt"})
  void png_whoseTextUnpacksToMuch_isNoHarm(String kind) throws Exception {
    byte[] packed = zeros(8 << 20);
    byte[] head =
        (kind.equals("iTXt") ? "key\0\1\0\0\0" : "key\0\0").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer text = ByteBuffer.allocate(head.length + packed.length).put(head).put(packed);
    byte[] bomb = png(8, chunk(kind, text.array()), chunk("IDAT", zeros(8 * 25)));
    assertTrue(bomb.length < 20_000);
    assertTrue(embed("image/png", bomb).statusCode() < 500);
  }

  @Test
  void gif_thatSaysItIsHuge_isRefused() throws Exception {
    byte[] bomb = {
      'G', 'I', 'F', '8', '9', 'a', -1, -1, -1, -1, 0, 0, 0, // a screen of 65535 x 65535
      ',', 0, 0, 0, 0, -1, -1, -1, -1, 0, 2, 1, 0, 0, ';'
    };
    refused(embed("image/gif", bomb));
  }

  @Test
  void webp_thatSaysItIsHuge_isRefused() throws Exception {
    ByteBuffer file = ByteBuffer.allocate(64).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(56);
    file.put("WEBPVP8L".getBytes(StandardCharsets.US_ASCII)).putInt(43);
    file.put((byte) 0x2f).putInt(0x3fff | 0x3fff << 14); // 16384 x 16384
    refused(embed("image/webp", file.array()));
  }

  @Test
  void bmp_thatSaysItIsHuge_isRefused() throws Exception {
    ByteBuffer file = ByteBuffer.allocate(80).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    file.put("BM".getBytes(StandardCharsets.US_ASCII)).putInt(80).putInt(0).putInt(54);
    file.putInt(40).putInt(60_000).putInt(60_000).putShort((short) 1).putShort((short) 24);
    refused(embed("image/bmp", file.array()));
  }

  private static String svg(String before, String inside) {
    return before
        + "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\""
        + " viewBox=\"0 0 9 9\">"
        + inside
        + "</svg>";
  }

  private static String laughs() {
    StringBuilder entities = new StringBuilder("<!DOCTYPE svg [<!ENTITY a0 \"ha\">");
    for (int i = 1; i < 12; i++) {
      entities.append("<!ENTITY a" + i + " \"" + ("&a" + (i - 1) + ";").repeat(10) + "\">");
    }
    return svg(entities + "]>", "<text>&a11;</text>");
  }

  private static String uses() {
    StringBuilder inside = new StringBuilder("<g id=\"u0\"><rect width=\"1\" height=\"1\"/></g>");
    for (int i = 1; i < 40; i++) {
      String use = "<use xlink:href=\"#u" + (i - 1) + "\"/>";
      inside.append("<g id=\"u" + i + "\">" + use.repeat(8) + "</g>");
    }
    return svg("", inside.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"laughs", "outside", "deep", "uses", "itself"})
  void svg_thatGrows_doesNot(String kind) throws Exception {
    String bomb =
        switch (kind) {
          case "laughs" -> laughs();
          case "outside" ->
              svg("<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", "<text>&x;</text>");
          case "deep" -> svg("", "<g>".repeat(2500) + "</g>".repeat(2500));
          case "uses" -> uses();
          default -> svg("", "<g id=\"a\"><use xlink:href=\"#a\"/></g><use xlink:href=\"#a\"/>");
        };
    HttpResponse<String> answer = embed("image/svg+xml", bomb.getBytes(StandardCharsets.UTF_8));
    // Entities are not read, nor is what points to itself: the rest may be drawn.
    boolean harmless = !kind.equals("deep") && !kind.equals("uses");
    if (!harmless || answer.statusCode() != 200) {
      refused(answer);
    }
  }

  @Test
  void bodyThatIsPacked_isNotUnpacked() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(" ".repeat(50 << 20).getBytes(StandardCharsets.US_ASCII));
    }
    HttpResponse<String> answer =
        running.http.post(
            "/v1/lookup", packed.toString(StandardCharsets.ISO_8859_1), "Content-Encoding", "gzip");
    assertEquals(415, answer.statusCode());
    assertEquals("unsupported_media_type", Http.json(answer).get("code").stringValue());
  }
}
