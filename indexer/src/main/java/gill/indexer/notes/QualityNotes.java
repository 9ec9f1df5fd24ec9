package gill.indexer.notes;

import gill.engine.flow.Pixels;
import gill.indexer.flow.DerivedKeys;
import gill.indexer.flow.PictureNotes;
import java.util.Locale;
import java.util.Map;

/// Figures of a picture's quality, cheap ones, from at most 256 x 256 of its pixels:
/// `quality_sharpness`, the variance of the Laplacian of its grey values (0 = one colour), and
/// `quality_entropy`, the entropy of its grey values in bits (0 to 8).
public final class QualityNotes implements PictureNotes {
  static final String SHARPNESS = DerivedKeys.QUALITY + "sharpness";
  static final String ENTROPY = DerivedKeys.QUALITY + "entropy";

  private static final int SIDE = 256;

  @Override
  public Map<String, String> of(Pixels picture) {
    int step = Math.max(1, Math.ceilDiv(Math.max(picture.width(), picture.height()), SIDE));
    int width = Math.max(1, picture.width() / step);
    int height = Math.max(1, picture.height() / step);
    int[] grey = grey(picture, step, width, height);
    return Map.of(
        SHARPNESS, String.format(Locale.ROOT, "%.1f", sharpness(grey, width, height)),
        ENTROPY, String.format(Locale.ROOT, "%.2f", entropy(grey)));
  }

  private static int[] grey(Pixels picture, int step, int width, int height) {
    byte[] rgb = picture.rgb();
    int[] grey = new int[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 3 * (y * step * picture.width() + x * step);
        grey[y * width + x] =
            (299 * (rgb[at] & 0xff) + 587 * (rgb[at + 1] & 0xff) + 114 * (rgb[at + 2] & 0xff))
                / 1000;
      }
    }
    return grey;
  }

  private static double sharpness(int[] grey, int width, int height) {
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (int y = 1; y < height - 1; y++) {
      for (int x = 1; x < width - 1; x++) {
        int at = y * width + x;
        int laplacian =
            grey[at - 1] + grey[at + 1] + grey[at - width] + grey[at + width] - 4 * grey[at];
        sum += laplacian;
        squares += (double) laplacian * laplacian;
        count++;
      }
    }
    return count == 0 ? 0 : squares / count - sum / count * (sum / count);
  }

  private static double entropy(int[] grey) {
    int[] histogram = new int[256];
    for (int value : grey) {
      histogram[value]++;
    }
    double bits = 0;
    for (int count : histogram) {
      if (count > 0) {
        double share = (double) count / grey.length;
        bits -= share * Math.log(share) / Math.log(2);
      }
    }
    return bits;
  }

  @Override
  public boolean areIn(Map<String, String> metadata) {
    return metadata.containsKey(SHARPNESS) && metadata.containsKey(ENTROPY);
  }

  @Override
  public String name() {
    return "quality";
  }
}
