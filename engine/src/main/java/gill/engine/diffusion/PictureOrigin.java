package gill.engine.diffusion;

/// How a generated picture came to be: written into its file.
///
/// @param negativePrompt empty = none
/// @param scheduler diffusers' class name
/// @param model name and version of the bundle
public record PictureOrigin(
    String prompt,
    String negativePrompt,
    long seed,
    int steps,
    double guidance,
    String scheduler,
    String model) {}
