package gill.web.api;

import gill.engine.flow.ImageRecord;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/// A corpus picture's file with who made it inside, as XMP: a file that is handed on still says
/// where it comes from. PNG (iTXt), JPEG (APP1) and WebP (RIFF chunk) as the XMP specification,
/// part 3, says; files of other formats, and damaged ones, stay as they are.
final class CreditedFile {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int AFTER_IHDR = 33;
  private static final String PNG_KEY = "XML:com.adobe.xmp\0\0\0\0\0";
  private static final String JPEG_KEY = "http://ns.adobe.com/xap/1.0/\0";
  private static final int MOST_IN_A_SEGMENT = 65_533;
  private static final int RIFF_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int HAS_XMP = 0x04;
  private static final int HAS_ALPHA = 0x10;

  private CreditedFile() {}

  static byte[] of(byte[] file, ImageRecord image, String corpusVersion) {
    byte[] xmp = Credit.xmp(image, corpusVersion).getBytes(StandardCharsets.UTF_8);
    if (file.length > AFTER_IHDR && Arrays.equals(file, 0, PNG.length, PNG, 0, PNG.length)) {
      return png(file, xmp);
    }
    if (file.length > 2 && file[0] == (byte) 0xff && file[1] == (byte) 0xd8) {
      return jpeg(file, xmp);
    }
    if (file.length > RIFF_HEADER + CHUNK_HEADER + 10
        && ascii(file, 0).equals("RIFF")
        && ascii(file, 8).equals("WEBP")) {
      return webp(file, xmp);
    }
    return file;
  }

  private static byte[] png(byte[] file, byte[] xmp) {
    byte[] data = joined(("iTXt" + PNG_KEY).getBytes(StandardCharsets.ISO_8859_1), xmp);
    CRC32 crc = new CRC32();
    crc.update(data);
    ByteBuffer chunk = ByteBuffer.allocate(data.length + 8);
    chunk.putInt(data.length - 4).put(data).putInt((int) crc.getValue());
    return joined(
        Arrays.copyOf(file, AFTER_IHDR),
        chunk.array(),
        Arrays.copyOfRange(file, AFTER_IHDR, file.length));
  }

  private static byte[] jpeg(byte[] file, byte[] xmp) {
    byte[] data = joined(JPEG_KEY.getBytes(StandardCharsets.ISO_8859_1), xmp);
    if (data.length > MOST_IN_A_SEGMENT) {
      return file;
    }
    int length = data.length + 2;
    byte[] head = {
      (byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length
    };
    return joined(head, data, Arrays.copyOfRange(file, 2, file.length));
  }

  /// A simple file becomes an extended one; one that has XMP already gets this instead.
  private static byte[] webp(byte[] file, byte[] xmp) {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    String first = ascii(file, RIFF_HEADER);
    if (!first.equals("VP8X")) {
      byte[] header = extended(file, first);
      if (header.length == 0) {
        return file;
      }
      chunks.writeBytes(header);
    }
    for (int at = RIFF_HEADER; at + CHUNK_HEADER <= file.length; ) {
      long size = CHUNK_HEADER + Integer.toUnsignedLong(little(file).getInt(at + 4));
      int end = (int) Math.min(file.length, at + size + (size & 1));
      byte[] chunk = Arrays.copyOfRange(file, at, end);
      if (ascii(chunk, 0).equals("VP8X")) {
        chunk[CHUNK_HEADER] |= HAS_XMP;
      }
      if (!ascii(chunk, 0).equals("XMP ")) {
        chunks.writeBytes(chunk);
      }
      at = end;
    }
    chunks.writeBytes(riff("XMP ", xmp));
    return riff("RIFF", joined("WEBP".getBytes(StandardCharsets.US_ASCII), chunks.toByteArray()));
  }

  private static byte[] extended(byte[] file, String kind) {
    int data = RIFF_HEADER + CHUNK_HEADER;
    int width;
    int height;
    int flags = HAS_XMP;
    if (kind.equals("VP8 ")) {
      width = (little(file).getShort(data + 6) & 0x3fff) - 1;
      height = (little(file).getShort(data + 8) & 0x3fff) - 1;
    } else if (kind.equals("VP8L")) {
      int bits = little(file).getInt(data + 1);
      width = bits & 0x3fff;
      height = (bits >> 14) & 0x3fff;
      flags |= (bits & 1 << 28) != 0 ? HAS_ALPHA : 0;
    } else {
      return new byte[0];
    }
    ByteBuffer body = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putInt(flags);
    body.put((byte) width).putShort((short) (width >> 8));
    body.put((byte) height).putShort((short) (height >> 8));
    return riff("VP8X", body.array());
  }

  private static byte[] riff(String name, byte[] data) {
    ByteBuffer chunk =
        ByteBuffer.allocate(CHUNK_HEADER + data.length + (data.length & 1))
            .order(ByteOrder.LITTLE_ENDIAN);
    chunk.put(name.getBytes(StandardCharsets.US_ASCII)).putInt(data.length).put(data);
    return chunk.array();
  }

  private static ByteBuffer little(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String ascii(byte[] file, int at) {
    return new String(file, at, 4, StandardCharsets.US_ASCII);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
