package gill.engine.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.flow.Pixels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PngWriterTest {
  private static final PictureOrigin ORIGIN =
      new PictureOrigin(
          "a red apple\nwith a leaf",
          "",
          -7,
          20,
          3.5,
          Scheduler.FLOW_MATCH_EULER_DISCRETE,
          "icons 1.0.0",
          List.of("noto/red-apple", "a&b/<c>"));

  @Test
  void write_anyPicture_readsBackPixelForPixel() throws IOException {
    Random random = new Random(5);
    for (int round = 0; round < 20; round++) {
      Pixels picture = noise(random, 1 + random.nextInt(40), 1 + random.nextInt(40));
      BufferedImage read = ImageIO.read(new ByteArrayInputStream(PngWriter.write(picture, ORIGIN)));
      assertEquals(picture, pixels(read));
    }
  }

  @Test
  void write_origin_isInTheParametersText() throws IOException {
    Map<String, String> texts = texts(PngWriter.write(noise(new Random(1), 8, 6), ORIGIN));
    assertEquals(
        "a red apple with a leaf\n"
            + "Steps: 20, Sampler: Flow match Euler, CFG scale: 3.5, Seed: -7, Size: 8x6,"
            + " Model: icons 1.0.0, References: noto/red-apple a&b/<c>",
        texts.get("parameters"));
  }

  @Test
  void write_negativePromptBeyondLatin_survives() throws IOException {
    PictureOrigin origin =
        new PictureOrigin("蓝色的香蕉 🍌", "grün", 1, 4, 1, Scheduler.DDIM, "m", List.of());
    Map<String, String> texts = texts(PngWriter.write(noise(new Random(1), 3, 3), origin));
    assertEquals(
        "蓝色的香蕉 🍌\nNegative prompt: grün\n"
            + "Steps: 4, Sampler: DDIM, CFG scale: 1, Seed: 1, Size: 3x3, Model: m",
        texts.get("parameters"));
  }

  @Test
  void write_always_declaresTheSourceAndTheReferencesInXmp() throws Exception {
    Map<String, String> texts = texts(PngWriter.write(noise(new Random(1), 3, 3), ORIGIN));
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
    String xmp = texts.getOrDefault("XML:com.adobe.xmp", "");
    Document document =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(xmp.getBytes(StandardCharsets.UTF_8)));
    Element description =
        (Element)
            document
                .getElementsByTagNameNS(
                    "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "Description")
                .item(0);
    assertEquals(
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        description.getAttributeNS(
            "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "DigitalSourceType"));
    NodeList ingredients =
        document.getElementsByTagNameNS("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "li");
    assertEquals(
        ORIGIN.references(),
        IntStream.range(0, ingredients.getLength())
            .mapToObj(i -> (Element) ingredients.item(i))
            .map(li ->
                li.getAttributeNS("http://ns.adobe.com/xap/1.0/sType/ResourceRef#", "documentID"))
            .toList());
  }

  @Test
  void write_twice_givesTheSameBytes() {
    Pixels picture = noise(new Random(9), 64, 64);
    assertArrayEquals(PngWriter.write(picture, ORIGIN), PngWriter.write(picture, ORIGIN));
  }

  private static Map<String, String> texts(byte[] png) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in);
      IIOMetadataNode root =
          (IIOMetadataNode) reader.getImageMetadata(0).getAsTree("javax_imageio_png_1.0");
      Map<String, String> texts = new LinkedHashMap<>();
      collect(root, "tEXtEntry", "value", texts);
      collect(root, "iTXtEntry", "text", texts);
      return texts;
    } finally {
      reader.dispose();
    }
  }

  private static void collect(
      IIOMetadataNode root, String entry, String value, Map<String, String> texts) {
    NodeList nodes = root.getElementsByTagName(entry);
    for (int i = 0; i < nodes.getLength(); i++) {
      Element node = (Element) nodes.item(i);
      texts.put(node.getAttribute("keyword"), node.getAttribute(value));
    }
  }

  private static Pixels noise(Random random, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    random.nextBytes(rgb);
    return Pixels.of(width, height, rgb);
  }

  private static Pixels pixels(BufferedImage image) {
    byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3;
      int argb = image.getRGB(pixel % image.getWidth(), pixel / image.getWidth());
      rgb[i] = (byte) (argb >> 16 - 8 * (i % 3));
    }
    return Pixels.of(image.getWidth(), image.getHeight(), rgb);
  }
}
