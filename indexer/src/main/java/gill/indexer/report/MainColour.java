package gill.indexer.report;

import gill.engine.flow.Pixels;
import java.awt.Color;
import java.util.HashMap;
import java.util.Map;

/// The name of a picture's main colour: the most frequent one, a white ground left out.
final class MainColour {
  private static final double GROUND = 0.95;

  private MainColour() {}

  static String of(Pixels picture) {
    Map<String, Integer> counts = new HashMap<>();
    byte[] rgb = picture.rgb();
    float[] hsb = new float[3];
    for (int at = 0; at < rgb.length; at += 3) {
      Color.RGBtoHSB(rgb[at] & 0xff, rgb[at + 1] & 0xff, rgb[at + 2] & 0xff, hsb);
      counts.merge(name(hsb[0] * 360, hsb[1], hsb[2]), 1, Integer::sum);
    }
    if (counts.getOrDefault("white", 0) < GROUND * rgb.length / 3) {
      counts.remove("white");
    }
    return counts.entrySet().stream()
        .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .orElse("white");
  }

  /// @param hue in degrees
  private static String name(float hue, float saturation, float brightness) {
    if (brightness < 0.2) {
      return "black";
    }
    if (saturation < 0.15) {
      return brightness > 0.9 ? "white" : "grey";
    }
    if (hue < 15 || hue >= 345) {
      return saturation < 0.5 && brightness > 0.7 ? "pink" : "red";
    }
    if (hue < 45) {
      return brightness < 0.65 ? "brown" : "orange";
    }
    if (hue < 70) {
      return "yellow";
    }
    if (hue < 165) {
      return "green";
    }
    if (hue < 200) {
      return "cyan";
    }
    if (hue < 260) {
      return "blue";
    }
    return hue < 300 ? "purple" : "pink";
  }
}
