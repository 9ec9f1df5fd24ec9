package gill.engine.eval;

import gill.engine.dialogue.DraftComposer;
import gill.engine.diffusion.DenoiseOptions;
import gill.engine.diffusion.Denoised;
import gill.engine.diffusion.Diffusion;
import gill.engine.diffusion.Draft;
import gill.engine.diffusion.WeightedPrompt;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Conditioning;
import gill.engine.flow.GenerationOptions;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Message;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import gill.engine.runtime.BundleManifest.DiffusionSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The ways to a picture that the evaluation compares.
record Drawing(Subject subject) {
  /// A request for one image.
  static Turn turn(List<PromptPart> parts, Set<ImageId> shown, ImageMode mode, long seed) {
    return turn(parts, shown, mode, GenerationOptions.DEFAULT.withSeed(seed));
  }

  /// The last of these messages, after the others.
  static Turn turn(List<Message> messages, Set<ImageId> shown) {
    return new Turn(
        messages.subList(0, messages.size() - 1),
        messages.getLast().parts(),
        shown,
        ImageMode.AUTO,
        SamplingOptions.DEFAULT,
        GenerationOptions.DEFAULT,
        10);
  }

  private static Turn turn(
      List<PromptPart> parts, Set<ImageId> shown, ImageMode mode, GenerationOptions options) {
    return new Turn(List.<Message>of(), parts, shown, mode, SamplingOptions.DEFAULT, options, 10);
  }

  /// As it ships: language model, mapper, generator, which leans on what the corpus has.
  Optional<Pixels> byGill(List<PromptPart> parts, long seed) {
    return byGill(parts, GenerationOptions.DEFAULT.withSeed(seed));
  }

  /// The same without the corpus; empty if the bundle's generator never leans on it.
  Optional<Pixels> byGillAlone(List<PromptPart> parts, long seed) {
    return subject.stages().diffusion().readsDrafts()
        ? byGill(parts, new GenerationOptions(seed, 1, 0, 0, "", "", false))
        : Optional.empty();
  }

  private Optional<Pixels> byGill(List<PromptPart> parts, GenerationOptions options) {
    LookupResult result = look(turn(parts, Set.of(), ImageMode.GENERATE, options));
    return result.image() instanceof Output.GeneratedImage image
        ? Optional.of(image.picture().pixels())
        : Optional.empty();
  }

  /// The generator listens to its own text encoder; it leans on what it would lean on in a
  /// dialogue.
  Optional<Pixels> byTextEncoder(String prompt, long seed) {
    DiffusionSpec spec = subject.manifest().diffusion();
    Conditioning conditioning = subject.stages().textEncoder().conditioning(prompt);
    Conditioning negative =
        switch (spec.unconditional()) {
          case ZEROS ->
              Diffusion.zeros(conditioning.states().rows(), conditioning.states().columns());
          case EMPTY_PROMPT -> subject.stages().textEncoder().conditioning("");
        };
    Optional<Draft> draft = draft(prompt);
    double guidance = draft.isPresent() ? spec.draftGuidanceScale() : spec.guidanceScale();
    Denoised drawn =
        subject
            .stages()
            .diffusion()
            .generate(
                List.of(new WeightedPrompt(conditioning, 1)),
                negative,
                draft,
                new DenoiseOptions(seed, spec.numInferenceSteps(), guidance, spec.scheduler()),
                (_, _) -> {},
                Cancellation.NEVER);
    return drawn instanceof Denoised.Picture(Pixels pixels, _)
        ? Optional.of(pixels)
        : Optional.empty();
  }

  private Optional<Draft> draft(String prompt) {
    return subject.stages().diffusion().readsDrafts()
        ? new DraftComposer(
                subject.stages().textEncoder(), subject.corpus(), subject.manifest().diffusion())
            .compose(prompt, List.of(), false)
            .map(DraftComposer.Composed::draft)
        : Optional.empty();
  }

  /// The corpus image that the dialogue would show; empty if there is none.
  Optional<String> nearest(List<PromptPart> parts) {
    return look(turn(parts, Set.of(), ImageMode.RETRIEVE, 0)).candidates().stream()
        .map(Hit::id)
        .map(ImageId::value)
        .findFirst();
  }

  LookupResult look(Turn turn) {
    return subject.dialogue().lookup(turn, _ -> {}, Cancellation.NEVER);
  }

  /// Decides and draws nothing.
  LookupResult decide(Turn turn) {
    return subject.dialogue().lookup(turn, _ -> {}, () -> true);
  }
}
