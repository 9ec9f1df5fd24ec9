package gill.engine.flow;

/// How an image is generated. Zero or NaN-free defaults come from the bundle: see [#DEFAULT].
///
/// @param candidates images drawn and reranked; image i of n uses seed + i, so that n = 4 equals
///   four times n = 1
/// @param numInferenceSteps denoising steps; 0 = the bundle's default
/// @param guidanceScale classifier-free guidance; 0 = the bundle's default, 1 = none
/// @param scheduler diffusers' class name; empty = the bundle's
/// @param negativePrompt replaces the unconditional input when not empty
/// @param references whether images of the corpus may be leaned on, if the bundle can
/// @param previews looks at the picture while it is drawn, 0 to 8, evenly over the steps
public record GenerationOptions(
    long seed,
    int candidates,
    int numInferenceSteps,
    double guidanceScale,
    String scheduler,
    String negativePrompt,
    boolean references,
    int previews) {
  public static final GenerationOptions DEFAULT = new GenerationOptions(0, 1, 0, 0, "", "");

  /// Without previews.
  public GenerationOptions(
      long seed,
      int candidates,
      int numInferenceSteps,
      double guidanceScale,
      String scheduler,
      String negativePrompt,
      boolean references) {
    this(
        seed,
        candidates,
        numInferenceSteps,
        guidanceScale,
        scheduler,
        negativePrompt,
        references,
        0);
  }

  /// With references.
  public GenerationOptions(
      long seed,
      int candidates,
      int numInferenceSteps,
      double guidanceScale,
      String scheduler,
      String negativePrompt) {
    this(seed, candidates, numInferenceSteps, guidanceScale, scheduler, negativePrompt, true);
  }

  public GenerationOptions {
    if (candidates < 1 || candidates > 16) {
      throw new IllegalArgumentException("n must be in [1, 16], got " + candidates);
    }
    if (numInferenceSteps < 0 || numInferenceSteps > 1000) {
      throw new IllegalArgumentException(
          "num_inference_steps must be in [1, 1000], got " + numInferenceSteps);
    }
    if (!(guidanceScale >= 0 && guidanceScale <= 50)) {
      throw new IllegalArgumentException("guidance_scale must be in [1, 50], got " + guidanceScale);
    }
    if (previews < 0 || previews > 8) {
      throw new IllegalArgumentException("previews must be in [0, 8], got " + previews);
    }
  }

  /// Whether the picture is looked at after step `done` of `of`; never after the last.
  public boolean isPreviewed(int done, int of) {
    return done < of && done * (previews + 1) / of > (done - 1) * (previews + 1) / of;
  }

  public GenerationOptions withPreviews(int count) {
    return new GenerationOptions(
        seed,
        candidates,
        numInferenceSteps,
        guidanceScale,
        scheduler,
        negativePrompt,
        references,
        count);
  }

  public GenerationOptions withSeed(long newSeed) {
    return new GenerationOptions(
        newSeed,
        candidates,
        numInferenceSteps,
        guidanceScale,
        scheduler,
        negativePrompt,
        references,
        previews);
  }
}
