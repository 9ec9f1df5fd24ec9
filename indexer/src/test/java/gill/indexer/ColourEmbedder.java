package gill.indexer;

import gill.engine.fault.InferenceException;
import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.BundleStamp;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.Embedding;
import java.util.ArrayList;
import java.util.List;

/// Embeds by the colour in the middle: a model small enough to foresee. A black middle fails, as
/// pictures do that a model answers with numbers that are not finite.
final class ColourEmbedder implements ImageEmbedder {
  static final BundleStamp BUNDLE = new BundleStamp("colours", "1.0.0", "c".repeat(64));

  final List<Integer> batches = new ArrayList<>();

  @Override
  public BundleStamp bundle() {
    return BUNDLE;
  }

  @Override
  public int clipDimension() {
    return 3;
  }

  @Override
  public int gillDimension() {
    return 4;
  }

  @Override
  public Pixels prepare(Pixels picture) {
    byte[] rgb = picture.rgb();
    int middle = 3 * (picture.height() / 2 * picture.width() + picture.width() / 2);
    return Pixels.of(1, 1, new byte[] {rgb[middle], rgb[middle + 1], rgb[middle + 2]});
  }

  @Override
  public List<Embedding> embed(List<Pixels> pictures) {
    batches.add(pictures.size());
    return pictures.stream().map(ColourEmbedder::embed).toList();
  }

  static Embedding embed(Pixels picture) {
    byte[] rgb = picture.rgb();
    float[] colour = {rgb[0] & 0xff, rgb[1] & 0xff, rgb[2] & 0xff};
    if (colour[0] + colour[1] + colour[2] == 0) {
      throw new InferenceException("value 0 is not finite: NaN");
    }
    return new Embedding(
        UnitVector.normalise(colour),
        UnitVector.normalise(new float[] {colour[0], colour[1], colour[2], 1}));
  }
}
