package gill.engine.eval;

import gill.engine.flow.Pixels;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/// Pictures side by side, one row a case, several rows beside each other. Without words, for a
/// machine may have no fonts; [#legend()] says what is where.
final class ContactSheet {
  private static final int CELL = 72;
  private static final int GAP = 4;
  private static final int ROWS = 24;

  private final List<String> columns;
  private final List<String> labels = new ArrayList<>();
  private final List<List<List<Pixels>>> rows = new ArrayList<>();

  ContactSheet(List<String> columns) {
    this.columns = List.copyOf(columns);
  }

  /// @param pictures one for each column; an empty list leaves the place white
  void add(String label, List<List<Pixels>> pictures) {
    if (pictures.size() != columns.size()) {
      throw new IllegalArgumentException(
          "a row has " + columns.size() + " pictures, got " + pictures.size());
    }
    labels.add(label);
    rows.add(List.copyOf(pictures));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /// Writes a PNG.
  void write(Path file) {
    int blocks = (rows.size() + ROWS - 1) / ROWS;
    int block = columns.size() * (CELL + GAP) + 3 * GAP;
    int height = Math.min(ROWS, rows.size()) * (CELL + GAP) + GAP;
    BufferedImage sheet =
        new BufferedImage(blocks * block + GAP, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.LIGHT_GRAY);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    for (int i = 0; i < rows.size(); i++) {
      int y = GAP + i % ROWS * (CELL + GAP);
      for (int column = 0; column < columns.size(); column++) {
        int x = GAP + i / ROWS * block + column * (CELL + GAP);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(x, y, CELL, CELL);
        for (Pixels picture : rows.get(i).get(column)) {
          graphics.drawImage(image(picture), x, y, CELL, CELL, null);
        }
      }
    }
    graphics.dispose();
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      ImageIO.write(sheet, "png", file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the contact sheet " + file, e);
    }
  }

  /// What the rows and columns are, in words.
  String legend() {
    StringBuilder text =
        new StringBuilder("From left to right: ").append(String.join(", ", columns)).append(".");
    for (int i = 0; i < labels.size(); i++) {
      if (i % ROWS == 0) {
        text.append("\n\nBlock ").append(i / ROWS + 1).append(", from the top: ");
      } else {
        text.append("; ");
      }
      text.append(labels.get(i));
    }
    return text.append('\n').toString();
  }

  private static BufferedImage image(Pixels pixels) {
    BufferedImage image =
        new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = pixels.rgb();
    for (int i = 0; i < pixels.width() * pixels.height(); i++) {
      int value =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      image.setRGB(i % pixels.width(), i / pixels.width(), value);
    }
    return image;
  }
}
