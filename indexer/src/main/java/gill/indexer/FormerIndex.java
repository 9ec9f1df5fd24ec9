package gill.indexer;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.IndexedImage;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The index as it is before the job; a new one has none. Safe for use by many threads.
final class FormerIndex implements AutoCloseable {
  private final @Nullable SearchBackend backend;

  private FormerIndex(@Nullable SearchBackend backend) {
    this.backend = backend;
  }

  static FormerIndex none() {
    return new FormerIndex(null);
  }

  /// Throws [IndexException] if another bundle made it, or its images lie elsewhere than the
  /// source's.
  static FormerIndex of(IndexingPlan plan, BundleStamp bundle) {
    SearchBackend backend = LuceneBackend.open(plan.index(), bundle);
    if (!backend.imageRoot().equals(plan.source().root())) {
      backend.close();
      throw new IndexException(
          "the images of "
              + plan.index()
              + " lie in "
              + backend.imageRoot()
              + ", those of the source in "
              + plan.source().root()
              + ": index anew instead of bringing it up to date");
    }
    return new FormerIndex(backend);
  }

  Optional<ImageRecord> find(ImageId id) {
    return backend == null ? Optional.empty() : backend.find(id);
  }

  /// An image with its vectors.
  Optional<IndexedImage> row(ImageId id) {
    if (backend == null) {
      return Optional.empty();
    }
    return backend.read(view -> {
      UnitVector clip = view.vectors(VectorField.CLIP, List.of(id)).get(id);
      UnitVector gill = view.vectors(VectorField.GILL, List.of(id)).get(id);
      return clip == null || gill == null
          ? Optional.empty()
          : view.find(id).map(image -> new IndexedImage(image, clip, gill));
    });
  }

  @Override
  public void close() {
    if (backend != null) {
      backend.close();
    }
  }
}
