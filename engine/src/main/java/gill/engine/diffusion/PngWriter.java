package gill.engine.diffusion;

import gill.engine.flow.Pixels;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Writes a generated picture as PNG: 8-bit RGB, the request as `parameters` text in the wording
/// that image viewers for diffusion models read, and an XMP packet that declares the picture as
/// made by a trained model (IPTC DigitalSourceType) and names the corpus images it leaned on
/// (`xmpMM:Ingredients`).
///
/// Same picture and origin, same bytes on the same Java version.
public final class PngWriter {
  /// IPTC's term for pictures made by a trained model.
  public static final String DIGITAL_SOURCE_TYPE =
      "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private PngWriter() {}

  public static byte[] write(Pixels picture, PictureOrigin origin) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE);
    ByteBuffer header = ByteBuffer.allocate(13).putInt(picture.width()).putInt(picture.height());
    header.put((byte) 8).put((byte) 2).put(new byte[3]);
    chunk(out, "IHDR", header.array());
    text(out, "parameters", parameters(picture, origin));
    internationalText(out, "XML:com.adobe.xmp", xmp(origin.references()));
    chunk(out, "IDAT", deflated(filtered(picture)));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  /// E.g. `a red apple\nSteps: 20, Sampler: DDIM, CFG scale: 3, Seed: 7, Size: 64x64, Model:
  /// icons`.
  static String parameters(Pixels picture, PictureOrigin origin) {
    StringBuilder text = new StringBuilder(oneLine(origin.prompt()));
    if (!origin.negativePrompt().isEmpty()) {
      text.append("\nNegative prompt: ").append(oneLine(origin.negativePrompt()));
    }
    String sampler =
        switch (origin.scheduler()) {
          case Scheduler.DDIM -> "DDIM";
          case Scheduler.EULER_DISCRETE -> "Euler";
          case Scheduler.FLOW_MATCH_EULER_DISCRETE -> "Flow match Euler";
          default -> origin.scheduler();
        };
    String guidance =
        new BigDecimal(origin.guidance())
            .setScale(4, RoundingMode.HALF_EVEN)
            .stripTrailingZeros()
            .toPlainString();
    return text.append("\nSteps: ")
        .append(origin.steps())
        .append(", Sampler: ")
        .append(sampler)
        .append(", CFG scale: ")
        .append(guidance)
        .append(", Seed: ")
        .append(origin.seed())
        .append(", Size: ")
        .append(picture.width())
        .append('x')
        .append(picture.height())
        .append(", Model: ")
        .append(origin.model())
        .append(
            origin.references().isEmpty()
                ? ""
                : ", References: " + oneLine(String.join(" ", origin.references())))
        .toString();
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}]+", " ").strip();
  }

  static String xmp(List<String> references) {
    StringBuilder ingredients = new StringBuilder();
    for (String reference : references) {
      ingredients
          .append("\n     <rdf:li stRef:documentID=\"")
          .append(escaped(reference))
          .append("\"/>");
    }
    String bag =
        references.isEmpty()
            ? ""
            : "\n   <xmpMM:Ingredients><rdf:Bag>"
                + ingredients
                + "\n   </rdf:Bag></xmpMM:Ingredients>";
    return """
    <?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
    <x:xmpmeta xmlns:x="adobe:ns:meta/">
     <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about=""
        xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
        xmp:CreatorTool="GILL"
        xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
        xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#"
        Iptc4xmpExt:DigitalSourceType="%s">%s
      </rdf:Description>
     </rdf:RDF>
    </x:xmpmeta>
    <?xpacket end="r"?>\
    """
        .formatted(DIGITAL_SOURCE_TYPE, bag);
  }

  private static String escaped(String text) {
    return oneLine(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /// `tEXt` holds Latin-1 only; other text goes into `iTXt` under the same key.
  private static void text(ByteArrayOutputStream out, String key, String text) {
    Charset latin = StandardCharsets.ISO_8859_1;
    if (!latin.newEncoder().canEncode(text)) {
      internationalText(out, key, text);
      return;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(key.getBytes(latin));
    body.write(0);
    body.writeBytes(text.getBytes(latin));
    chunk(out, "tEXt", body.toByteArray());
  }

  private static void internationalText(ByteArrayOutputStream out, String key, String text) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(key.getBytes(StandardCharsets.ISO_8859_1));
    body.writeBytes(
        new byte[5]); // end of key, not compressed, method 0, no language, no translation
    body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    chunk(out, "iTXt", body.toByteArray());
  }

  /// Each row after its filter byte: 1, the difference to the pixel on the left; 2, to the one
  /// above; whichever is smaller in sum.
  private static byte[] filtered(Pixels picture) {
    int stride = 3 * picture.width();
    byte[] rgb = picture.rgb();
    byte[] rows = new byte[(stride + 1) * picture.height()];
    for (int y = 0; y < picture.height(); y++) {
      int leftSum = 0;
      int aboveSum = 0;
      for (int x = 0; x < stride; x++) {
        leftSum += Math.abs((int) left(rgb, stride, x, y));
        aboveSum += Math.abs((int) above(rgb, stride, x, y));
      }
      int out = y * (stride + 1);
      rows[out] = (byte) (leftSum <= aboveSum ? 1 : 2);
      for (int x = 0; x < stride; x++) {
        rows[out + 1 + x] =
            leftSum <= aboveSum ? left(rgb, stride, x, y) : above(rgb, stride, x, y);
      }
    }
    return rows;
  }

  private static byte left(byte[] rgb, int stride, int x, int y) {
    int at = y * stride + x;
    return (byte) (x < 3 ? rgb[at] : rgb[at] - rgb[at - 3]);
  }

  private static byte above(byte[] rgb, int stride, int x, int y) {
    int at = y * stride + x;
    return (byte) (y == 0 ? rgb[at] : rgb[at] - rgb[at - stride]);
  }

  private static byte[] deflated(byte[] rows) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(rows);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] body) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(body);
    out.writeBytes(ByteBuffer.allocate(4).putInt(body.length).array());
    out.writeBytes(name);
    out.writeBytes(body);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
