package gill.engine.vision;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The formats [ImageReader] reads, told apart by their first bytes, never by a file name.
public enum ImageFormat {
  JPEG("image/jpeg"),
  PNG("image/png"),
  GIF("image/gif"),
  BMP("image/bmp"),
  WEBP("image/webp"),
  TIFF("image/tiff"),
  SVG("image/svg+xml");

  private final String mediaType;

  ImageFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  public String mediaType() {
    return mediaType;
  }

  /// The format whose signature the bytes start with.
  public static Optional<ImageFormat> sniff(byte[] bytes) {
    if (startsWith(bytes, 0, "\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    }
    if (startsWith(bytes, 0, "\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    }
    if (startsWith(bytes, 0, "GIF87a") || startsWith(bytes, 0, "GIF89a")) {
      return Optional.of(GIF);
    }
    if (startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP")) {
      return Optional.of(WEBP);
    }
    if (startsWith(bytes, 0, "BM") && bytes.length >= 26) {
      return Optional.of(BMP);
    }
    if (startsWith(bytes, 0, "II*\0") || startsWith(bytes, 0, "MM\0*")) {
      return Optional.of(TIFF);
    }
    return isSvg(bytes) ? Optional.of(SVG) : Optional.empty();
  }

  /// An XML text whose first element is `svg`.
  private static boolean isSvg(byte[] bytes) {
    String head = new String(bytes, 0, Math.min(bytes.length, 4096), StandardCharsets.ISO_8859_1);
    String start = head.replace("\u00ef\u00bb\u00bf", "").stripLeading();
    int element = start.indexOf("<svg");
    return start.startsWith("<")
        && element >= 0
        && start.substring(0, element).replaceAll("(?s)<!--.*?-->|<[?!].*?>", "").indexOf('<') < 0;
  }

  /// The name of a picture format that is known but not read.
  static Optional<String> sniffUnsupported(byte[] bytes) {
    if (startsWith(bytes, 4, "ftyp")) {
      return Optional.of("AVIF or HEIC");
    }
    if (startsWith(bytes, 0, "8BPS")) {
      return Optional.of("Photoshop");
    }
    if (startsWith(bytes, 0, "\0\0\u0001\0")) {
      return Optional.of("Windows icon");
    }
    if (startsWith(bytes, 0, "%PDF")) {
      return Optional.of("PDF");
    }
    if (startsWith(bytes, 0, "\u00ff\n") || startsWith(bytes, 4, "JXL ")) {
      return Optional.of("JPEG XL");
    }
    if (startsWith(bytes, 4, "jP  ")) {
      return Optional.of("JPEG 2000");
    }
    return Optional.empty();
  }

  private static boolean startsWith(byte[] bytes, int offset, String signature) {
    byte[] wanted = signature.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < offset + wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[offset + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
