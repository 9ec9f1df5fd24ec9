package gill.engine.vision;

import java.awt.AlphaComposite;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.EOFException;

/// The canvas of a picture, and where its first frame lies on it.
record Screen(int width, int height, int left, int top) {

  /// A GIF's; a frame that reaches beyond the declared screen widens it.
  static Screen ofGif(byte[] gif) throws EOFException {
    int width = word(gif, 6);
    int height = word(gif, 8);
    int at = 13;
    if ((gif[10] & 0x80) != 0) {
      at += 3 << ((gif[10] & 7) + 1);
    }
    while (at + 10 <= gif.length) {
      if (gif[at] == 0x2c) {
        int left = word(gif, at + 1);
        int top = word(gif, at + 3);
        return new Screen(
            Math.max(width, left + word(gif, at + 5)),
            Math.max(height, top + word(gif, at + 7)),
            left,
            top);
      }
      if (gif[at] != 0x21) {
        break;
      }
      at += 2;
      while (at < gif.length && gif[at] != 0) {
        at += 1 + (gif[at] & 0xff);
      }
      at++;
    }
    throw new EOFException("no frame");
  }

  private static int word(byte[] gif, int at) throws EOFException {
    if (at + 2 > gif.length) {
      throw new EOFException();
    }
    return (gif[at] & 0xff) | (gif[at + 1] & 0xff) << 8;
  }

  /// The canvas with the frame on it, transparent elsewhere.
  BufferedImage place(BufferedImage frame) {
    if (frame.getWidth() == width && frame.getHeight() == height) {
      return frame;
    }
    BufferedImage whole = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = whole.createGraphics();
    graphics.setComposite(AlphaComposite.Src);
    graphics.drawImage(frame, left, top, null);
    graphics.dispose();
    return whole;
  }
}
