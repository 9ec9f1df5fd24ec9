package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.UnitVector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Index rows from a seed.
final class SampleRows {
  static final int CLIP = 24;
  static final int GILL = 16;
  static final BundleStamp BUNDLE = new BundleStamp("sample", "1.0.0", "f".repeat(64));
  static final IndexHeader HEADER = new IndexHeader(BUNDLE, CLIP, GILL, Path.of("/pictures"));

  private SampleRows() {}

  static UnitVector vector(Random random, int dimension) {
    float[] values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return UnitVector.normalise(values);
  }

  static ImageRecord image(String id, String caption, List<String> keywords) {
    return new ImageRecord(
        new ImageId(id),
        caption,
        keywords,
        Map.of("de", caption + " auf Deutsch", "fr", caption + " en français"),
        "sample",
        "A. Author",
        "CC-BY-4.0",
        "flat",
        "things",
        List.of("red", "white"),
        "images/" + id + ".webp",
        "ab".repeat(32),
        128,
        96,
        Map.of("concept", "u:1f34e", "subgroup", "food-fruit"));
  }

  static IndexedImage row(String id, UnitVector clip) {
    return new IndexedImage(
        image(id, "picture " + id, List.of("sample")),
        clip,
        vector(new Random(id.hashCode()), GILL));
  }

  /// The same row, of another file from another address.
  static IndexedImage withOrigin(IndexedImage row, String sha256, String url) {
    return with(row, sha256, Map.of("source_url", url));
  }

  /// The same row, of a picture with this perceptual hash.
  static IndexedImage withPictureHash(IndexedImage row, String hash) {
    return with(row, row.image().sha256(), Map.of(PictureHash.KEY, hash));
  }

  private static IndexedImage with(IndexedImage row, String sha256, Map<String, String> metadata) {
    ImageRecord image = row.image();
    return new IndexedImage(
        new ImageRecord(
            image.id(),
            image.caption(),
            image.keywords(),
            image.names(),
            image.source(),
            image.author(),
            image.licence(),
            image.style(),
            image.group(),
            image.colours(),
            image.location(),
            sha256,
            image.width(),
            image.height(),
            metadata),
        row.clip(),
        row.gill());
  }

  static List<IndexedImage> rows(int count, long seed) {
    Random random = new Random(seed);
    List<IndexedImage> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(row("s/%05d".formatted(i), vector(random, CLIP)));
    }
    return rows;
  }
}
