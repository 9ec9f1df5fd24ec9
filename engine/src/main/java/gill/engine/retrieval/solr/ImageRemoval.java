package gill.engine.retrieval.solr;

import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.TakedownList;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToIntFunction;

/// Takes images out of what a folder holds or stands for ([SolrFolder]). Throws as
/// [ImageIndexWriter#update(Path)] and [SolrWriter#update(SolrPlace)].
public final class ImageRemoval {
  private ImageRemoval() {}

  /// @param removed images that were there
  /// @param images that are left
  public record Outcome(int removed, int images) {}

  /// Until they are indexed again.
  public static Outcome remove(Path index, List<ImageSelector> selectors) {
    return change(
        index,
        writer -> {
          writer.remove(selectors);
          return writer.commit();
        },
        writer -> writer.remove(selectors));
  }

  /// For good: they are entered in the takedown list.
  public static Outcome takeDown(Path index, List<ImageSelector> selectors) {
    return change(
        index, writer -> writer.takeDown(selectors), writer -> writer.takeDown(selectors));
  }

  /// @param ofCollection returns how many images are left
  /// @param ofIndex returns how many images were removed
  private static Outcome change(
      Path index, ToIntFunction<SolrWriter> ofCollection, ToIntFunction<ImageIndexWriter> ofIndex) {
    if (SolrFolder.isOne(index)) {
      try (SolrWriter writer = SolrWriter.update(SolrFolder.read(index))) {
        int before = writer.commit();
        int left = ofCollection.applyAsInt(writer);
        // Another writer may have added some in the meantime.
        return new Outcome(Math.max(0, before - left), left);
      }
    }
    try (ImageIndexWriter writer = ImageIndexWriter.update(index)) {
      int removed = ofIndex.applyAsInt(writer);
      return new Outcome(removed, writer.save());
    }
  }

  /// What was taken down for good.
  public static TakedownList takedowns(Path index) {
    if (SolrFolder.isOne(index)) {
      try (SolrWriter writer = SolrWriter.update(SolrFolder.read(index))) {
        return writer.forbidden();
      }
    }
    return TakedownList.read(index);
  }
}
