package gill.engine.eval;

import gill.engine.flow.Pixels;
import java.util.LinkedHashMap;
import java.util.Map;

/// Names the colours of a picture's pixels: the nearest of eleven in CIELAB (D65), lightness
/// counting half. The eight chromatic ones and black are those that drawings are recoloured to.
final class Colours {
  /// L*, a*, b* of the colours by name.
  private static final Map<String, double[]> NAMED = new LinkedHashMap<>();

  static {
    NAMED.put("red", new double[] {51.8, 66.7, 45.1});
    NAMED.put("orange", new double[] {69.4, 35.6, 67.8});
    NAMED.put("yellow", new double[] {86.2, -1.9, 78.7});
    NAMED.put("green", new double[] {64.8, -53.6, 44.9});
    NAMED.put("blue", new double[] {53.1, 12.8, -60.7});
    NAMED.put("purple", new double[] {46.3, 54.1, -57.8});
    NAMED.put("pink", new double[] {71.1, 49.6, -6.2});
    NAMED.put("black", new double[] {18.9, 0, 0});
    NAMED.put("white", new double[] {100, 0, 0});
    NAMED.put("gray", new double[] {62.1, 0, 0});
    NAMED.put("brown", new double[] {40.4, 21.6, 33.7});
  }

  private Colours() {}

  /// Whether the pieces of a picture are of a colour: it is the most frequent of the chromatic
  /// ones, white, grey and black aside; black must be the most frequent of all but white.
  static boolean is(String colour, Pixels picture, Pieces pieces) {
    Map<String, Integer> counts = counts(picture, pieces);
    int asked = counts.getOrDefault(colour, 0);
    boolean neutral = colour.equals("black") || colour.equals("white") || colour.equals("gray");
    return asked > 0
        && counts.entrySet().stream()
            .filter(other -> neutral || !isNeutral(other.getKey()))
            .filter(other -> !(other.getKey().equals("white") && !colour.equals("white")))
            .allMatch(other -> other.getValue() <= asked);
  }

  private static boolean isNeutral(String colour) {
    return colour.equals("white") || colour.equals("gray") || colour.equals("black");
  }

  /// The name of the ground's colour: pale grounds are named by their hue.
  static String ofGround(int[] rgb) {
    double[] lab = lab(rgb[0], rgb[1], rgb[2]);
    double chroma = Math.hypot(lab[1], lab[2]);
    if (chroma < 7) {
      return lab[0] > 94 ? "white" : lab[0] < 30 ? "black" : "gray";
    }
    // A pale colour on its hue's line, at the chroma of the named ones.
    String best = "";
    double most = -2;
    for (Map.Entry<String, double[]> named : NAMED.entrySet()) {
      double[] other = named.getValue();
      double strength = Math.hypot(other[1], other[2]);
      if (strength > 15 && !named.getKey().equals("brown")) {
        double cosine = (lab[1] * other[1] + lab[2] * other[2]) / (chroma * strength);
        if (cosine > most) {
          most = cosine;
          best = named.getKey();
        }
      }
    }
    return best.equals("red") ? "pink" : best;
  }

  /// How many standing pixels have each colour.
  private static Map<String, Integer> counts(Pixels picture, Pieces pieces) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    byte[] rgb = picture.rgb();
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        if (pieces.stands(x, y)) {
          int at = 3 * (y * picture.width() + x);
          counts.merge(
              name(rgb[at] & 0xff, rgb[at + 1] & 0xff, rgb[at + 2] & 0xff), 1, Integer::sum);
        }
      }
    }
    return counts;
  }

  /// The name of a colour of sRGB, 0 to 255 a channel.
  static String name(int red, int green, int blue) {
    double[] lab = lab(red, green, blue);
    String best = "";
    double least = Double.POSITIVE_INFINITY;
    for (Map.Entry<String, double[]> named : NAMED.entrySet()) {
      double[] other = named.getValue();
      double distance =
          0.25 * square(lab[0] - other[0]) + square(lab[1] - other[1]) + square(lab[2] - other[2]);
      if (distance < least) {
        least = distance;
        best = named.getKey();
      }
    }
    return best;
  }

  /// CIELAB of a colour of sRGB.
  static double[] lab(int red, int green, int blue) {
    double r = linear(red);
    double g = linear(green);
    double b = linear(blue);
    double x = bent((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    double y = bent(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
    double z = bent((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
    return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
  }

  private static double linear(int level) {
    double value = level / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }

  private static double bent(double value) {
    return value > 216.0 / 24389 ? Math.cbrt(value) : (24389.0 / 27 * value + 16) / 116;
  }

  private static double square(double value) {
    return value * value;
  }
}
