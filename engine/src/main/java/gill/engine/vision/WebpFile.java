package gill.engine.vision;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import com.luciad.imageio.webp.WebPReadParam;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// A WebP file: its size from the header, its pixels from libwebp, the decoder that the training
/// side's Pillow uses too (other decoders interpolate the colour samples differently).
///
/// [#screen] reads the header in Java and touches no native code, so a caller can refuse a file
/// before libwebp sees a byte of it. libwebp's still-picture interface does not take animations:
/// the first frame is handed over as a file of its own.
final class WebpFile {
  private static final int VP8 = tag("VP8 ");
  private static final int VP8L = tag("VP8L");
  private static final int VP8X = tag("VP8X");
  private static final int ANMF = tag("ANMF");
  private static final int HAS_ANIMATION = 0x02;
  private static final int HAS_ALPHA = 0x10;
  private static final int FIRST_CHUNK = 12;
  private static final int FRAME_HEADER = 16;

  private final byte[] file;
  private final ByteBuffer riff;

  WebpFile(byte[] file) {
    this.file = file;
    this.riff = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The size that the header declares, and of an animation where the first frame lies.
  Screen screen() throws IOException {
    int data = FIRST_CHUNK + 8;
    require(data + 5);
    int kind = riff.getInt(FIRST_CHUNK);
    if (kind == VP8L) {
      int sides = riff.getInt(data + 1);
      return new Screen(1 + (sides & 0x3fff), 1 + (sides >>> 14 & 0x3fff), 0, 0);
    }
    require(data + 10);
    if (kind == VP8) {
      return new Screen(riff.getShort(data + 6) & 0x3fff, riff.getShort(data + 8) & 0x3fff, 0, 0);
    }
    if (kind != VP8X) {
      throw new IOException("no picture chunk");
    }
    int width = 1 + threeBytes(data + 4);
    int height = 1 + threeBytes(data + 7);
    if (!animated()) {
      return new Screen(width, height, 0, 0);
    }
    int frame = firstFrame();
    int left = 2 * threeBytes(frame);
    int top = 2 * threeBytes(frame + 3);
    if (left + 1 + threeBytes(frame + 6) > width || top + 1 + threeBytes(frame + 9) > height) {
      throw new IOException("the first frame lies outside of the picture");
    }
    return new Screen(width, height, left, top);
  }

  /// The picture, or the first frame of an animation. Only for a file whose [#screen] is small
  /// enough: libwebp refuses a picture that is not of the size that the header declares.
  BufferedImage decode() throws IOException {
    long declared = 8 + (riff.getInt(4) & 0xffffffffL);
    if (declared > file.length) {
      throw new EOFException("the RIFF container is longer than the file");
    }
    return Native.decode(animated() ? stillOf(firstFrame()) : file);
  }

  private boolean animated() {
    return riff.getInt(FIRST_CHUNK) == VP8X && (file[FIRST_CHUNK + 8] & HAS_ANIMATION) != 0;
  }

  /// Where the content of the first `ANMF` chunk starts.
  private int firstFrame() throws IOException {
    long at = FIRST_CHUNK;
    while (at + 8 + FRAME_HEADER <= file.length) {
      int chunk = (int) at;
      long length = riff.getInt(chunk + 4) & 0xffffffffL;
      if (riff.getInt(chunk) == ANMF) {
        return chunk + 8;
      }
      at += 8 + length + (length & 1);
    }
    throw new EOFException("no frame");
  }

  /// The frame as an extended WebP file: a header with the frame's size, then the frame's chunks.
  private byte[] stillOf(int frame) throws IOException {
    long length = (riff.getInt(frame - 4) & 0xffffffffL) - FRAME_HEADER;
    require(frame + FRAME_HEADER + Math.max(0, length));
    if (length < 0) {
      throw new IOException("a frame without a picture");
    }
    int content = 4 + 8 + 10 + (int) length;
    ByteBuffer still = ByteBuffer.allocate(8 + content).order(ByteOrder.LITTLE_ENDIAN);
    still.putInt(tag("RIFF")).putInt(content).putInt(tag("WEBP"));
    still.putInt(VP8X).putInt(10).putInt(HAS_ALPHA).put(file, frame + 6, 6);
    return still.put(file, frame + FRAME_HEADER, (int) length).array();
  }

  private int threeBytes(int at) {
    return (riff.getShort(at) & 0xffff) | (file[at + 2] & 0xff) << 16;
  }

  private void require(long bytes) throws EOFException {
    if (bytes > file.length) {
      throw new EOFException("the file ends in its header");
    }
  }

  private static int tag(String name) {
    return ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII))
        .order(ByteOrder.LITTLE_ENDIAN)
        .getInt();
  }

  /// The plugin is named, not looked up: which one a look-up finds depends on the class path.
  private static final class Native {
    private static final WebPImageReaderSpi PLUGIN = new WebPImageReaderSpi();

    // The default options, only read and so shared: the plugin never frees an instance.
    private static final WebPReadParam OPTIONS = new WebPReadParam();

    static BufferedImage decode(byte[] still) throws IOException {
      javax.imageio.ImageReader decoder = PLUGIN.createReaderInstance(null);
      try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(still))) {
        decoder.setInput(in, true, true);
        return decoder.read(0, OPTIONS);
      } catch (OutOfMemoryError e) {
        // libwebp says so of some broken pictures too, and the plugin then throws this error,
        // without a message; the virtual machine's own has one
        if (e.getMessage() == null) {
          throw new IOException("libwebp gives up", e);
        }
        throw e;
      } finally {
        decoder.dispose();
      }
    }
  }
}
