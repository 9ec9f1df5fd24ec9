package gill.engine.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import gill.engine.flow.Pixels;
import gill.engine.vision.ReadResult.Decoded;
import gill.engine.vision.ReadResult.Reason;
import gill.engine.vision.ReadResult.Rejected;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Drawings in SVG, friendly and hostile.
class SvgTest {
  private static final String HEAD = "<svg xmlns='http://www.w3.org/2000/svg' ";

  private static ReadResult read(String svg) {
    return ImageReader.read(svg.getBytes(StandardCharsets.UTF_8), ImageLimits.DEFAULT);
  }

  private static Pixels drawn(String svg) {
    return assertInstanceOf(Decoded.class, read(svg), () -> read(svg).toString()).pixels();
  }

  private static int rgb(Pixels pixels, double x, double y) {
    int at = 3 * ((int) (y * pixels.height()) * pixels.width() + (int) (x * pixels.width()));
    byte[] rgb = pixels.rgb();
    return (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | rgb[at + 2] & 0xff;
  }

  @Test
  void drawing_isDrawnOnWhite_withALongerSideOf512() {
    Pixels pixels =
        drawn(
            "<?xml version='1.0'?><!-- <a> --><!DOCTYPE svg>"
                + HEAD
                + "viewBox='0 0 40 20'><rect width='20' height='20' fill='#ff8000'/></svg>");
    assertEquals(512, pixels.width());
    assertEquals(256, pixels.height());
    assertEquals(0xff8000, rgb(pixels, 0.25, 0.5));
    assertEquals(0xffffff, rgb(pixels, 0.75, 0.5));
  }

  @Test
  void sizeInTheFile_setsTheShapeOnly() {
    Pixels pixels =
        drawn(HEAD + "width='100000' height='200000'><rect width='9' height='9'/></svg>");
    assertEquals(256, pixels.width());
    assertEquals(512, pixels.height());
  }

  @Test
  void referencesToOutside_areNeverFetched(@TempDir Path folder) throws IOException {
    AtomicInteger asked = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    server.start();
    Path red =
        Files.write(
            folder.resolve("red.png"), PictureFile.png(Pixels.of(1, 1, new byte[] {-1, 0, 0})));
    try {
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      Pixels pixels =
          drawn(
              "<!DOCTYPE svg SYSTEM '"
                  + base
                  + "/dtd'>"
                  + HEAD
                  + "xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 10 10'>"
                  + "<style>@import url('"
                  + base
                  + "/css');</style>"
                  + "<image width='10' height='10' xlink:href='"
                  + base
                  + "/image.png'/><image width='10' height='10' href='"
                  + red.toUri()
                  + "'/><use href='"
                  + base
                  + "/other.svg#x'/></svg>");
      assertEquals(0xffffff, rgb(pixels, 0.5, 0.5));
    } finally {
      server.stop(0);
    }
    assertEquals(0, asked.get());
  }

  @Test
  void externalEntities_areNotRead(@TempDir Path folder) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "#00ff00");
    ReadResult answer =
        read(
            "<!DOCTYPE svg [<!ENTITY s SYSTEM '"
                + secret.toUri()
                + "'>]>"
                + HEAD
                + "viewBox='0 0 10 10'><rect width='10' height='10' fill='&s;'/></svg>");
    if (answer instanceof Decoded(Pixels pixels, _)) {
      assertTrue(rgb(pixels, 0.5, 0.5) != 0x00ff00, "the entity was read");
    }
  }

  @Test
  void drawingThatMultipliesItself_endsInTime() {
    StringBuilder svg = new StringBuilder(HEAD + "viewBox='0 0 10 10'><defs>");
    svg.append("<g id='g0'>").append("<circle r='5'/>".repeat(10)).append("</g>");
    for (int i = 1; i < 9; i++) {
      svg.append("<g id='g%d'>".formatted(i))
          .append("<use href='#g%d'/>".formatted(i - 1).repeat(10))
          .append("</g>");
    }
    svg.append("</defs><use href='#g8'/></svg>");
    assertTimeout(Duration.ofSeconds(15), () -> read(svg.toString()));
  }

  @Test
  void nestingWithoutEnd_isRejected() {
    String deep =
        HEAD + "viewBox='0 0 1 1'>" + "<g>".repeat(20_000) + "</g>".repeat(20_000) + "</svg>";
    assertEquals(Reason.CORRUPT, assertInstanceOf(Rejected.class, read(deep)).reason());
  }

  @Test
  void brokenDrawings_areRejected() {
    for (String svg :
        new String[] {
          HEAD + ">", HEAD + "viewBox='0 0 10 10'><rect", HEAD + "width='0' height='0'></svg>"
        }) {
      Rejected answer = assertInstanceOf(Rejected.class, read(svg), svg);
      assertEquals(Reason.CORRUPT, answer.reason(), svg);
    }
    String html = "<html><body>" + HEAD + "/></body></html>";
    assertEquals(Reason.NOT_AN_IMAGE, assertInstanceOf(Rejected.class, read(html)).reason());
  }
}
