package gill.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

/// A picture that is downloaded says whose it is.
class CreditedDownloadTest {
  private static final String PICTURE = "/v1/images/noto/red-apple";

  private final Path folder;
  private final RunningServer running;

  CreditedDownloadTest(@TempDir Path folder) {
    this.folder = folder;
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private static BufferedImage drawing() {
    BufferedImage image = new BufferedImage(41, 23, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 41 * 23; i++) {
      image.setRGB(i % 41, i / 41, i * 7919);
    }
    return image;
  }

  private static int[] pixels(byte[] file) throws Exception {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(file));
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  private static Document xmp(byte[] file) throws Exception {
    String text = new String(file, StandardCharsets.UTF_8);
    String packet = text.substring(text.indexOf("<x:xmpmeta"), text.indexOf("</x:xmpmeta>") + 12);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(packet.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "webp"})
  void download_holdsAuthorSourceAndLicence_andTheSamePicture(String format) throws Exception {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(drawing(), format, file));
    Files.write(folder.resolve("noto_red-apple.png"), file.toByteArray());
    HttpResponse<byte[]> shown = running.http.bytes(PICTURE);
    HttpResponse<byte[]> downloaded = running.http.bytes(PICTURE + "?download");
    assertArrayEquals(file.toByteArray(), shown.body());
    assertArrayEquals(pixels(shown.body()), pixels(downloaded.body()));
    assertNotEquals(shown.headers().firstValue("ETag"), downloaded.headers().firstValue("ETag"));
    Document xmp = xmp(downloaded.body());
    assertEquals("Google", xmp.getElementsByTagName("dc:creator").item(0).getTextContent());
    assertEquals("Noto Emoji", xmp.getElementsByTagName("dc:source").item(0).getTextContent());
    assertEquals("corpus-7", xmp.getElementsByTagName("xmpMM:VersionID").item(0).getTextContent());
    assertEquals("red apple", xmp.getElementsByTagName("dc:title").item(0).getTextContent());
    assertEquals(
        "Google, Noto Emoji, Apache-2.0",
        xmp.getElementsByTagName("dc:rights").item(0).getTextContent());
  }

  @Test
  void download_ofMarkupInACaption_isWellFormed() throws Exception {
    Document xmp = xmp(running.http.bytes("/v1/images/evil/x?download").body());
    assertEquals(
        "<img src=x onerror=document.title='pwned'>",
        xmp.getElementsByTagName("dc:title").item(0).getTextContent());
    assertEquals(0, xmp.getElementsByTagName("dc:creator").getLength());
  }
}
