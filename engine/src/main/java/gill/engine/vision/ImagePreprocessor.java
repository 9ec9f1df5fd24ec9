package gill.engine.vision;

import gill.engine.flow.Pixels;
import gill.engine.runtime.ConfigFile;
import gill.engine.runtime.FloatTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// From a picture to the vision encoder's `pixel_values`, as `preprocessor_config.json` says.
///
/// Resizing is Pillow's, bit for bit ([Resizer]). Immutable, so safe for use by many threads.
public final class ImagePreprocessor {
  /// How a picture of any shape becomes the model's.
  sealed interface Framing {
    /// Centred on a white square, then resized (`pad_to_square`).
    record Letterbox(int size) implements Framing {}

    /// Squashed (`size.height`, `size.width`).
    record Stretch(int width, int height) implements Framing {}

    /// The shorter side is resized, then the middle cut out (`size.shortest_edge`, `crop_size`).
    record CenterCrop(int shortestEdge, int width, int height) implements Framing {}
  }

  private final Framing framing;
  private final Resizer resizer;
  private final float rescale;
  private final float[] mean;
  private final float[] deviation;

  private ImagePreprocessor(
      Framing framing, Resampling filter, float rescale, float[] mean, float[] deviation) {
    this.framing = framing;
    this.resizer = new Resizer(filter);
    this.rescale = rescale;
    this.mean = mean;
    this.deviation = deviation;
  }

  /// Reads `preprocessor_config.json`.
  public static ImagePreprocessor read(Path file) {
    ConfigFile config = ConfigFile.read(file);
    boolean normalised = config.flag("do_normalize", true);
    return new ImagePreprocessor(
        framing(config),
        Resampling.of(config.integer("resample", 3)),
        config.flag("do_rescale", true) ? (float) config.number("rescale_factor", 1.0 / 255) : 1f,
        normalised ? perChannel(config, "image_mean") : new float[3],
        normalised ? perChannel(config, "image_std") : new float[] {1, 1, 1});
  }

  private static Framing framing(ConfigFile config) {
    ConfigFile size = config.object("size");
    if (size.has("shortest_edge")) {
      int edge = size.integer("shortest_edge");
      if (config.flag("pad_to_square", false)) {
        return new Framing.Letterbox(edge);
      }
      ConfigFile crop = config.has("crop_size") ? config.object("crop_size") : size;
      return crop.has("height")
          ? new Framing.CenterCrop(edge, crop.integer("width"), crop.integer("height"))
          : new Framing.CenterCrop(edge, edge, edge);
    }
    int width = size.integer("width");
    int height = size.integer("height");
    if (!config.flag("pad_to_square", false)) {
      return new Framing.Stretch(width, height);
    }
    if (width != height) {
      throw config.fault("pad_to_square needs size.height = size.width");
    }
    return new Framing.Letterbox(width);
  }

  private static float[] perChannel(ConfigFile config, String key) {
    List<Double> values = config.numbers(key);
    if (values.size() != 3) {
      throw config.fault(key + " needs 3 numbers, got " + values.size());
    }
    float[] channels = new float[3];
    for (int i = 0; i < 3; i++) {
      channels[i] = values.get(i).floatValue();
    }
    return channels;
  }

  /// The picture as the model sees it, still 8-bit.
  public Pixels resized(Pixels picture) {
    return switch (framing) {
      case Framing.Letterbox(int size) -> {
        int side = Math.max(picture.width(), picture.height());
        yield resizer.resize(picture, side, side, size, size);
      }
      case Framing.Stretch(int width, int height) -> resizer.resize(picture, width, height);
      case Framing.CenterCrop(int edge, int width, int height) ->
          crop(shortestEdge(picture, edge), width, height);
    };
  }

  private Pixels shortestEdge(Pixels picture, int edge) {
    long width = picture.width();
    long height = picture.height();
    return width <= height
        ? resizer.resize(picture, edge, Math.toIntExact(edge * height / width))
        : resizer.resize(picture, Math.toIntExact(edge * width / height), edge);
  }

  /// The middle; what lies outside the picture is black.
  private static Pixels crop(Pixels picture, int width, int height) {
    int left = Math.floorDiv(picture.width() - width, 2);
    int top = Math.floorDiv(picture.height() - height, 2);
    byte[] from = picture.rgb();
    byte[] to = new byte[3 * width * height];
    int firstColumn = Math.max(left, 0);
    int columns = Math.min(left + width, picture.width()) - firstColumn;
    for (int y = 0; y < height; y++) {
      int row = top + y;
      if (row >= 0 && row < picture.height()) {
        System.arraycopy(
            from,
            3 * (row * picture.width() + firstColumn),
            to,
            3 * (y * width + firstColumn - left),
            3 * columns);
      }
    }
    return Pixels.of(width, height, to);
  }

  /// `[1][3][S][S]`.
  public FloatTensor pixelValues(Pixels picture) {
    return pixelValues(List.of(picture));
  }

  /// `[B][3][S][S]`, in order.
  public FloatTensor pixelValues(List<Pixels> pictures) {
    int width = outputWidth();
    int height = outputHeight();
    int plane = width * height;
    float[] values = new float[Math.multiplyExact(3 * plane, pictures.size())];
    float[][] lookup = new float[3][256];
    for (int channel = 0; channel < 3; channel++) {
      for (int level = 0; level < 256; level++) {
        lookup[channel][level] = (level * rescale - mean[channel]) / deviation[channel];
      }
    }
    int at = 0;
    for (Pixels picture : pictures) {
      byte[] rgb = resized(picture).rgb();
      for (int channel = 0; channel < 3; channel++) {
        for (int i = 0; i < plane; i++) {
          values[at++] = lookup[channel][rgb[3 * i + channel] & 0xff];
        }
      }
    }
    return new FloatTensor(new long[] {pictures.size(), 3, height, width}, values);
  }

  public int outputWidth() {
    return switch (framing) {
      case Framing.Letterbox(int size) -> size;
      case Framing.Stretch(int width, _) -> width;
      case Framing.CenterCrop(_, int width, _) -> width;
    };
  }

  public int outputHeight() {
    return switch (framing) {
      case Framing.Letterbox(int size) -> size;
      case Framing.Stretch(_, int height) -> height;
      case Framing.CenterCrop(_, _, int height) -> height;
    };
  }

  @Override
  public String toString() {
    return "ImagePreprocessor[" + framing + ", mean " + Arrays.toString(mean) + "]";
  }
}
