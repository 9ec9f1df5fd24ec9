package gill.engine.retrieval.solr;

import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.TakedownList;
import java.nio.file.Path;
import java.util.List;

/// Takes images out of what a folder holds or stands for ([SolrFolder]). Throws as
/// [ImageIndexWriter#update(Path)] and [SolrWriter#update(SolrPlace)].
public final class ImageRemoval {
  private ImageRemoval() {}

  /// @param removed images that were there
  /// @param images that are left
  public record Outcome(int removed, int images) {}

  /// Until they are indexed again.
  public static Outcome remove(Path index, List<ImageSelector> selectors) {
    if (SolrFolder.isOne(index)) {
      try (SolrWriter writer = SolrWriter.update(SolrFolder.read(index))) {
        int before = writer.commit();
        writer.remove(selectors);
        return outcome(before, writer.commit());
      }
    }
    try (ImageIndexWriter writer = ImageIndexWriter.update(index)) {
      int removed = writer.remove(selectors);
      return new Outcome(removed, writer.save());
    }
  }

  /// For good: they are entered in the takedown list.
  public static Outcome takeDown(Path index, List<ImageSelector> selectors) {
    if (SolrFolder.isOne(index)) {
      try (SolrWriter writer = SolrWriter.update(SolrFolder.read(index))) {
        int before = writer.commit();
        return outcome(before, writer.takeDown(selectors));
      }
    }
    try (ImageIndexWriter writer = ImageIndexWriter.update(index)) {
      int removed = writer.takeDown(selectors);
      return new Outcome(removed, writer.save());
    }
  }

  // Another writer may have added some in the meantime.
  private static Outcome outcome(int before, int left) {
    return new Outcome(Math.max(0, before - left), left);
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
