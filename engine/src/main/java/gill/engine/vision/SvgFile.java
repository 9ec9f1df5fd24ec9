package gill.engine.vision;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.DocumentLimits;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.parser.resources.ResourcePolicy;
import com.github.weisj.jsvg.renderer.NullPlatformSupport;
import com.github.weisj.jsvg.renderer.output.Output;
import com.github.weisj.jsvg.renderer.output.impl.Graphics2DOutput;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.xml.stream.XMLInputFactory;

/// A drawing in SVG, drawn with its longer side [#SIDE] pixels: it has no size of its own in
/// pixels.
///
/// Nothing outside of the file is read: no entity, no reference. How deep and how long a drawing
/// may be is limited, and so is the time to draw it.
final class SvgFile {
  /// Pixels of the longer side.
  static final int SIDE = 512;

  private static final int MAX_BYTES = 4 << 20;
  private static final Duration MAX_TIME = Duration.ofSeconds(5);

  /// Deepest nesting, deepest nesting of references, and number of parts of a path.
  private static final DocumentLimits LIMITS = new DocumentLimits(50, 8, 50_000);

  /// What the library says of odd drawings is no concern of a log; kept, so that it stays silent.
  private static final Logger LIBRARY = Logger.getLogger("com.github.weisj.jsvg");

  static {
    LIBRARY.setLevel(Level.OFF);
  }

  private SvgFile() {}

  /// Draws on white. Throws [IOException] if the file is no drawing, or costs too much.
  static BufferedImage draw(byte[] file) throws IOException {
    if (file.length > MAX_BYTES) {
      throw new IOException(
          "the drawing has " + file.length + " bytes, at most " + MAX_BYTES + " are drawn");
    }
    SVGDocument drawing = parse(file);
    float width = drawing.size().width;
    float height = drawing.size().height;
    if (!(width > 0 && height > 0 && Float.isFinite(width / height))) {
      throw new IOException("the drawing has no size");
    }
    float scale = SIDE / Math.max(width, height);
    BufferedImage image =
        new BufferedImage(
            Math.max(1, Math.round(width * scale)),
            Math.max(1, Math.round(height * scale)),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      drawing.renderWithPlatform(
          NullPlatformSupport.INSTANCE,
          new Timed(graphics, System.nanoTime() + MAX_TIME.toNanos()),
          new ViewBox(image.getWidth(), image.getHeight()));
      return image;
    } catch (TooSlow _) {
      throw new IOException("drawing it takes more than " + MAX_TIME.toSeconds() + " s");
    } catch (StackOverflowError _) {
      throw new IOException("the drawing is nested too deeply");
    } finally {
      graphics.dispose();
    }
  }

  private static SVGDocument parse(byte[] file) throws IOException {
    XMLInputFactory xml = XMLInputFactory.newDefaultFactory();
    xml.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    xml.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    xml.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    LoaderContext context =
        LoaderContext.builder()
            .externalResourcePolicy(ResourcePolicy.DENY_EXTERNAL)
            .documentLimits(LIMITS)
            .build();
    SVGDocument drawing =
        new SVGLoader()
            .load(() -> xml.createXMLEventReader(new ByteArrayInputStream(file)), null, context);
    if (drawing == null) {
      throw new IOException("no drawing can be read in it");
    }
    return drawing;
  }

  /// A drawing that takes too long.
  private static final class TooSlow extends RuntimeException {
    TooSlow() {
      super(null, null, false, false);
    }
  }

  /// Stops drawing at a point in time.
  private static final class Timed extends Graphics2DOutput {
    private final long end;

    Timed(Graphics2D graphics, long end) {
      super(graphics);
      this.end = end;
    }

    private void check() {
      if (System.nanoTime() - end > 0) {
        throw new TooSlow();
      }
    }

    @Override
    public void fillShape(Shape shape) {
      check();
      super.fillShape(shape);
    }

    @Override
    public void drawShape(Shape shape) {
      check();
      super.drawShape(shape);
    }

    @Override
    public Output createChild() {
      check();
      return new Timed((Graphics2D) graphics().create(), end);
    }
  }
}
