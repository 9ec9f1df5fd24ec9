package gill.engine.flow;

import java.util.List;

/// A piece of the answer, in the order it appears. Streams as it is made.
public sealed interface Output {
  /// Text as it arrives; consecutive deltas belong together.
  record TextDelta(String text) implements Output {}

  /// Denoising goes on: step `step` of `of` is done. Not part of the answer.
  ///
  /// @param soFar what the picture looks like by now, where that was asked for; none or one
  record Progress(String stage, int step, int of, List<Pixels> soFar) implements Output {
    public Progress {
      soFar = List.copyOf(soFar);
    }

    /// Without a look at the picture.
    public Progress(String stage, int step, int of) {
      this(stage, step, of, List.of());
    }
  }

  /// A corpus image.
  ///
  /// @param note what the reader should know, e.g. that generation failed; empty if nothing
  record RetrievedImage(Hit hit, Decision decision, List<Hit> candidates, String note)
      implements Output {
    public RetrievedImage {
      candidates = List.copyOf(candidates);
    }
  }

  /// A generated image.
  record GeneratedImage(
      GeneratedPicture picture, Decision decision, List<Hit> candidates, String note)
      implements Output {
    public GeneratedImage {
      candidates = List.copyOf(candidates);
    }
  }

  /// An image was wanted but none can be shown; `reason` says why.
  record NoImage(Decision decision, List<Hit> candidates, String reason) implements Output {
    public NoImage {
      candidates = List.copyOf(candidates);
    }
  }

  /// The last output.
  record Finished(StopReason reason, Usage usage, StageTimings timings) implements Output {}
}
