package gill.engine.diffusion;

import java.util.List;

/// How a generated picture came to be: written into its file.
///
/// @param negativePrompt empty = none
/// @param scheduler diffusers' class name
/// @param model name and version of the bundle
/// @param references ids of the corpus images it leaned on
public record PictureOrigin(
    String prompt,
    String negativePrompt,
    long seed,
    int steps,
    double guidance,
    String scheduler,
    String model,
    List<String> references) {
  public PictureOrigin {
    references = List.copyOf(references);
  }
}
