package gill.engine;

import gill.engine.fault.BundleException;
import gill.engine.flow.Cancellation;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.Turn;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The whole of GILL behind one door: a model bundle and an index of images, opened together.
///
/// Safe for use by many threads: model work waits behind a bounded gate, and a full gate refuses
/// with [gill.engine.fault.InferenceException]. Close it to free native memory.
public final class Engine implements AutoCloseable {
  private Engine() {}

  /// Opens a bundle and an index made by the same vision model and preprocessing.
  ///
  /// Throws [BundleException] listing all faults of the bundle, or
  /// [gill.engine.fault.IndexException] if the index is missing, broken or of another bundle.
  public static Engine open(Path bundle, Path index, EngineOptions options) {
    throw new BundleException("not wired yet: " + bundle, List.of());
  }

  public EngineInfo info() {
    throw new IllegalStateException();
  }

  /// Answers one turn of a dialogue. Outputs go to `sink` as they are made, on the calling thread,
  /// ending with [Output.Finished].
  public void reply(Turn turn, Consumer<Output> sink, Cancellation cancellation) {
    throw new IllegalStateException();
  }

  /// Answers a turn with one image and no text: the prompt and the r [IMG] tokens pass the model
  /// once (paper §3.3).
  public LookupResult lookup(
      Turn turn, Consumer<Output.Progress> progress, Cancellation cancellation) {
    throw new IllegalStateException();
  }

  /// Text → image search in CLIP space.
  public Hits search(String text, int limit, Set<ImageId> excluded) {
    throw new IllegalStateException();
  }

  /// Image → image search in CLIP space.
  public Hits search(Pixels image, int limit, Set<ImageId> excluded) {
    throw new IllegalStateException();
  }

  /// What is known of a corpus image.
  public Optional<ImageRecord> image(ImageId id) {
    throw new IllegalStateException();
  }

  /// The image file of a corpus image; empty if it is gone from the disk.
  public Optional<Path> imageFile(ImageRecord image) {
    throw new IllegalStateException();
  }

  /// A picture generated lately, by its content address; empty once it has left the cache.
  public Optional<GeneratedPicture> generated(String id) {
    throw new IllegalStateException();
  }

  @Override
  public void close() {}
}
