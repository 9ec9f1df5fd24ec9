package gill.engine.dialogue;

import gill.engine.dialogue.DraftComposer.Composed;
import gill.engine.diffusion.DenoiseOptions;
import gill.engine.diffusion.Denoised;
import gill.engine.diffusion.Diffusion;
import gill.engine.diffusion.PictureOrigin;
import gill.engine.diffusion.PngWriter;
import gill.engine.diffusion.StepListener;
import gill.engine.diffusion.WeightedPrompt;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Conditioning;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import gill.engine.runtime.BundleManifest;
import gill.engine.runtime.BundleManifest.DiffusionSpec;
import gill.engine.runtime.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Draws what an [ImgSpan] asks for: every candidate from its own seed, the one nearest to the
/// [IMG] query wins (the original code's rerank, in the paper's retrieval space), and a calibrated
/// confidence says whether it is to be trusted.
final class Painter {
  private final Stages stages;
  private final DiffusionSpec spec;
  private final String model;

  Painter(Stages stages, BundleManifest manifest) {
    this.stages = stages;
    this.spec = manifest.diffusion();
    this.model = manifest.name() + " " + manifest.version();
  }

  /// What is to be drawn.
  ///
  /// @param query of the [IMG] tokens
  /// @param ofWords the prompt in CLIP space; null if it is blank
  /// @param scene the same in the shortest words
  /// @param leansOn what the corpus has of it; null = nothing
  /// @param prompt the user's words
  record Motif(
      ImgSpan span,
      UnitVector query,
      @Nullable UnitVector ofWords,
      Scene scene,
      @Nullable Composed leansOn,
      String prompt) {
    Optional<UnitVector> words() {
      return Optional.ofNullable(ofWords);
    }

    Optional<Composed> draft() {
      return Optional.ofNullable(leansOn);
    }
  }

  /// The best candidate; empty if cancelled.
  Optional<GeneratedPicture> paint(
      Motif motif,
      GenerationOptions options,
      StageTimer timer,
      Consumer<Output.Progress> progress,
      Cancellation cancellation) {
    Conditioning mapped = timer.time("mapper", () -> stages.generationHead().map(motif.span()));
    List<WeightedPrompt> prompts = timer.time("scene", () -> prompts(mapped, motif.scene()));
    Conditioning negative = timer.time("negative", () -> negative(mapped, options));
    int steps =
        options.numInferenceSteps() == 0 ? spec.numInferenceSteps() : options.numInferenceSteps();
    int allSteps = steps * options.candidates();
    GeneratedPicture best = null;
    for (int i = 0; i < options.candidates(); i++) {
      int done = i * steps;
      DenoiseOptions denoise =
          denoiseOptions(options, steps, options.seed() + i, motif.draft().isPresent());
      Denoised denoised =
          timer.time(
              "diffusion",
              () ->
                  stages
                      .diffusion()
                      .generate(
                          prompts,
                          negative,
                          motif.draft().map(Composed::draft),
                          denoise,
                          told(options, done, allSteps, progress),
                          cancellation));
      switch (denoised) {
        case Denoised.Cancelled _ -> {
          return Optional.empty();
        }
        case Denoised.Picture(Pixels pixels, DenoiseOptions _) -> {
          double similarity = timer.time("rerank", () -> similarity(pixels, motif));
          if (best == null || similarity > best.similarity()) {
            best = picture(pixels, motif, options.negativePrompt(), denoise, similarity);
          }
        }
      }
    }
    return Optional.ofNullable(best);
  }

  private static StepListener told(
      GenerationOptions options, int done, int allSteps, Consumer<Output.Progress> progress) {
    return new StepListener() {
      @Override
      public void stepDone(int step, int of) {
        progress.accept(new Output.Progress("generate", done + step, allSteps));
      }

      @Override
      public void stepDone(int step, int of, Supplier<Pixels> soFar) {
        List<Pixels> look = options.isPreviewed(step, of) ? List.of(soFar.get()) : List.of();
        progress.accept(new Output.Progress("generate", done + step, allSteps, look));
      }
    };
  }

  /// The mapper's conditioning, and beside it, where the request names what is to be seen, what the
  /// generator's own text encoder makes of that: four [IMG] states lose where and how many.
  private List<WeightedPrompt> prompts(Conditioning mapped, Scene scene) {
    double share = scene.named() ? spec.wordsShare() : 0;
    List<WeightedPrompt> prompts = new ArrayList<>();
    if (share < 1) {
      prompts.add(new WeightedPrompt(mapped, 1 - share));
    }
    if (share > 0) {
      prompts.add(new WeightedPrompt(stages.textEncoder().conditioning(scene.text()), share));
    }
    return prompts;
  }

  private Conditioning negative(Conditioning conditioning, GenerationOptions options) {
    if (!options.negativePrompt().isBlank()) {
      return stages.textEncoder().conditioning(options.negativePrompt());
    }
    return switch (spec.unconditional()) {
      case ZEROS -> Diffusion.zeros(conditioning.states().rows(), conditioning.states().columns());
      case EMPTY_PROMPT -> stages.textEncoder().conditioning("");
    };
  }

  private DenoiseOptions denoiseOptions(
      GenerationOptions options, int steps, long seed, boolean drafted) {
    double usual = drafted ? spec.draftGuidanceScale() : spec.guidanceScale();
    double guidance = options.guidanceScale() == 0 ? usual : options.guidanceScale();
    String scheduler = options.scheduler().isEmpty() ? spec.scheduler() : options.scheduler();
    return new DenoiseOptions(seed, steps, guidance, scheduler);
  }

  private double similarity(Pixels pixels, Motif motif) {
    float[] pooled = stages.visualEncoder().pooled(pixels);
    double toQuery = stages.retrievalHead().imageEmbedding(pooled).cosine(motif.query());
    UnitVector clip = stages.visualEncoder().clipEmbedding(pooled);
    return motif.words().map(vector -> Math.max(toQuery, clip.cosine(vector))).orElse(toQuery);
  }

  private GeneratedPicture picture(
      Pixels pixels, Motif motif, String negativePrompt, DenoiseOptions made, double similarity) {
    List<ImageRecord> references = motif.draft().map(Composed::references).orElse(List.of());
    byte[] png =
        PngWriter.write(
            pixels,
            new PictureOrigin(
                motif.prompt(),
                negativePrompt,
                made.seed(),
                made.steps(),
                made.guidance(),
                made.scheduler(),
                model,
                references.stream().map(image -> image.id().value()).toList()));
    return new GeneratedPicture(
        Sha256.of(png),
        pixels,
        png,
        motif.prompt(),
        made.seed(),
        made.steps(),
        made.guidance(),
        made.scheduler(),
        model,
        references,
        similarity,
        spec.confidence().probability(similarity));
  }
}
