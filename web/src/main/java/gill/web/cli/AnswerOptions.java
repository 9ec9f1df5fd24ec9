package gill.web.cli;

import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageMode;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What is asked and how it is answered: options of `ask` and `lookup` (a picocli mixin).
final class AnswerOptions {
  @Parameters(arity = "0..*", paramLabel = "TEXT", description = "What to say.")
  private List<String> words = List.of();

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "A picture to send with the text; may be repeated.")
  private List<Path> images = List.of();

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "auto",
      description = "Where images come from: auto, retrieve, generate, none (default: auto).")
  private ImageMode mode = ImageMode.AUTO;

  @Option(
      names = "--k",
      paramLabel = "N",
      defaultValue = "4",
      description = "Candidates to report, 1 to 100 (default: 4).")
  private int k;

  @Option(
      names = "--min-p-match",
      paramLabel = "P",
      defaultValue = "0",
      description =
          "Show no corpus image that is less likely than this to fit, 0 to 1 (default: 0).")
  private double minPMatch;

  @Option(
      names = "--threshold",
      paramLabel = "P",
      defaultValue = "-1",
      description =
          "Show the corpus image from this probability on, 0 to 1 (default: the bundle's).")
  private double threshold;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "-1",
      description = "Same seed, same answer.")
  private long seed;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "0",
      description = "Denoising steps (default: the bundle's).")
  private int steps;

  @Option(
      names = "--guidance",
      paramLabel = "X",
      defaultValue = "0",
      description = "Guidance scale (default: the bundle's).")
  private double guidance;

  @Option(
      names = "--n",
      paramLabel = "N",
      defaultValue = "1",
      description = "Pictures drawn of which the best is shown, 1 to 16 (default: 1).")
  private int n;

  @Option(names = "--no-references", description = "Draw without leaning on images of the corpus.")
  private boolean noReferences;

  @Option(
      names = "--max-images",
      paramLabel = "N",
      defaultValue = "0",
      description = "Images an answer may have, 1 to 8 (default: the bundle's).")
  private int maxImages;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "gill-images",
      description = "Folder to save images in (default: ./gill-images).")
  private Path out = Path.of("gill-images");

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  /// The turn; `usual` is how text is sampled. Says what is wrong with the options.
  Turn turn(SamplingOptions usual) {
    List<PromptPart> parts = new ArrayList<>();
    for (Path image : images) {
      parts.add(new PromptPart.ImagePart(picture(image)));
    }
    String text = String.join(" ", words).strip();
    if (!text.isEmpty()) {
      parts.add(new PromptPart.TextPart(text));
    }
    if (parts.isEmpty()) {
      throw new CommandException("say something: give a TEXT or an --image", 2);
    }
    try {
      return new Turn(
          List.of(),
          parts,
          Set.of(),
          mode,
          new SamplingOptions(
              usual.temperature(),
              usual.topP(),
              usual.repetitionPenalty(),
              usual.maxTokens(),
              usual.imgBias(),
              maxImages < 1 ? usual.maxImages() : maxImages,
              seed < 0 ? usual.seed() : seed),
          new GenerationOptions(Math.max(seed, 0), n, steps, guidance, "", "", !noReferences),
          k,
          minPMatch,
          threshold);
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), 2);
    }
  }

  Path out() {
    return out;
  }

  boolean json() {
    return json;
  }

  static Pixels picture(Path file) {
    try {
      if (!Files.exists(file)) {
        throw new CommandException("there is no file " + file);
      }
      return switch (ImageReader.read(file, ImageLimits.DEFAULT)) {
        case ReadResult.Decoded decoded -> decoded.pixels();
        case ReadResult.Rejected rejected ->
            throw new CommandException(file + ": " + rejected.message());
      };
    } catch (IOException e) {
      throw new CommandException("cannot read " + file + ": " + e.getMessage());
    }
  }
}
