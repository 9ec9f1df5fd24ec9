package gill.web.api;

import gill.engine.Engine;
import gill.engine.EngineInfo;
import gill.engine.flow.Cancellation;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What the server asks of an engine: the methods of [Engine], so that tests can hand in an engine
/// that is slow, full or broken.
public interface Answerer {
  EngineInfo info();

  /// Requests that wait for the models now.
  default int waiting() {
    return 0;
  }

  /// How text is sampled when a request does not say.
  SamplingOptions defaultSampling();

  void reply(Turn turn, Consumer<Output> sink, Cancellation cancellation);

  LookupResult lookup(Turn turn, Consumer<Output.Progress> progress, Cancellation cancellation);

  SearchAnswer search(SearchRequest request);

  /// Nearest corpus images to a CLIP vector.
  Hits search(UnitVector clip, int limit);

  /// The CLIP embedding of a text; texts and images share one space.
  UnitVector embed(String text);

  /// The CLIP embedding of an image.
  UnitVector embed(Pixels image);

  Optional<ImageRecord> image(ImageId id);

  Optional<Path> imageFile(ImageRecord image);

  Optional<GeneratedPicture> generated(String id);

  /// Indexes a generated picture, its file in `folder`; returns its id in the index.
  Optional<ImageId> keep(String generated, Path folder);

  static Answerer of(Engine engine) {
    return new Answerer() {
      @Override
      public EngineInfo info() {
        return engine.info();
      }

      @Override
      public int waiting() {
        return engine.waiting();
      }

      @Override
      public SamplingOptions defaultSampling() {
        return engine.defaultSampling();
      }

      @Override
      public void reply(Turn turn, Consumer<Output> sink, Cancellation cancellation) {
        engine.reply(turn, sink, cancellation);
      }

      @Override
      public LookupResult lookup(
          Turn turn, Consumer<Output.Progress> progress, Cancellation cancellation) {
        return engine.lookup(turn, progress, cancellation);
      }

      @Override
      public SearchAnswer search(SearchRequest request) {
        return engine.search(request);
      }

      @Override
      public Hits search(UnitVector clip, int limit) {
        return engine.search(clip, limit, Set.of());
      }

      @Override
      public UnitVector embed(String text) {
        return engine.embed(text);
      }

      @Override
      public UnitVector embed(Pixels image) {
        return engine.embed(image);
      }

      @Override
      public Optional<ImageRecord> image(ImageId id) {
        return engine.image(id);
      }

      @Override
      public Optional<Path> imageFile(ImageRecord image) {
        return engine.imageFile(image);
      }

      @Override
      public Optional<GeneratedPicture> generated(String id) {
        return engine.generated(id);
      }

      @Override
      public Optional<ImageId> keep(String generated, Path folder) {
        return engine.keep(generated, folder);
      }
    };
  }
}
