package gill.web.api;

import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageMode;
import gill.engine.flow.Message;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import java.util.List;
import java.util.OptionalLong;

/// How a turn is to be answered: the option fields that lookup and chat share.
record TurnOptions(
    ImageMode imageMode,
    int k,
    double minPMatch,
    double threshold,
    SamplingOptions sampling,
    GenerationOptions generation) {
  private static final long MAX_SEED = (1L << 53) - 1;
  private static final int MAX_STEPS = 200;
  private static final int MAX_NEGATIVE_PROMPT = 1000;

  /// The options of a lookup: how the image is chosen and drawn.
  static TurnOptions forLookup(Fields fields) {
    return new TurnOptions(
        mode(fields),
        k(fields),
        minPMatch(fields),
        threshold(fields),
        SamplingOptions.DEFAULT,
        generation(fields, seed(fields), 16));
  }

  /// The options of a chat: those of a lookup, and how text is sampled.
  static TurnOptions forChat(Fields fields, SamplingOptions usual) {
    OptionalLong seed = seed(fields);
    int most = fields.integer("max_tokens", 1, 4096, usual.maxTokens());
    SamplingOptions sampling =
        new SamplingOptions(
            fields.number("temperature", 0, 2, usual.temperature()),
            fields.number("top_p", 0.01, 1, usual.topP()),
            fields.number("repetition_penalty", 0.5, 2, usual.repetitionPenalty()),
            fields.integer("max_completion_tokens", 1, 4096, most),
            fields.number("img_bias", -1000, 1000, usual.imgBias()),
            fields.integer("max_images", 1, 8, usual.maxImages()),
            seed.orElse(usual.seed()));
    return new TurnOptions(
        mode(fields),
        k(fields),
        minPMatch(fields),
        threshold(fields),
        sampling,
        generation(fields, seed, 1).withPreviews(fields.integer("previews", 0, 8, 0)));
  }

  private static ImageMode mode(Fields fields) {
    return fields.choice("image_mode", ImageMode.class, ImageMode.AUTO);
  }

  private static int k(Fields fields) {
    return fields.integer("k", 1, 100, 4);
  }

  private static double minPMatch(Fields fields) {
    return fields.number("min_p_match", 0, 1, 0);
  }

  private static double threshold(Fields fields) {
    return fields.number("decision_threshold", 0, 1, Turn.USUAL_THRESHOLD);
  }

  private static OptionalLong seed(Fields fields) {
    return fields.integer("seed", 0L, MAX_SEED);
  }

  /// How the images of `/v1/images/generations` are drawn; `steps` and `guidance` are short for
  /// `num_inference_steps` and `guidance_scale`.
  static GenerationOptions drawing(Fields fields) {
    GenerationOptions usual = GenerationOptions.DEFAULT;
    String steps = fields.eitherName("steps", "num_inference_steps");
    String guidance = fields.eitherName("guidance", "guidance_scale");
    return new GenerationOptions(
        seed(fields).orElse(usual.seed()),
        1,
        fields.integer(steps, 1, MAX_STEPS, usual.numInferenceSteps()),
        fields.number(guidance, 1, 50, usual.guidanceScale()),
        usual.scheduler(),
        negative(fields),
        fields.flag("references", usual.references()));
  }

  private static GenerationOptions generation(Fields fields, OptionalLong seed, int mostImages) {
    GenerationOptions usual = GenerationOptions.DEFAULT;
    return new GenerationOptions(
        seed.orElse(usual.seed()),
        fields.integer("n", 1, mostImages, 1),
        fields.integer("num_inference_steps", 1, MAX_STEPS, usual.numInferenceSteps()),
        fields.number("guidance_scale", 1, 50, usual.guidanceScale()),
        usual.scheduler(),
        negative(fields),
        fields.flag("references", usual.references()));
  }

  private static String negative(Fields fields) {
    String negative = fields.text("negative_prompt").orElse("");
    if (negative.length() > MAX_NEGATIVE_PROMPT) {
      throw Problem.invalid(
          "negative_prompt",
          "negative_prompt holds "
              + negative.length()
              + " characters, at most "
              + MAX_NEGATIVE_PROMPT
              + " are read.");
    }
    return negative;
  }

  /// Decodes the images and builds the turn; the last draft is what the user says now.
  Turn turn(List<Draft> drafts, ImageRefs images) {
    List<Message> history =
        drafts.subList(0, drafts.size() - 1).stream().map(draft -> draft.message(images)).toList();
    return new Turn(
        history,
        drafts.getLast().message(images).parts(),
        Draft.shown(drafts),
        imageMode,
        sampling,
        generation,
        k,
        minPMatch,
        threshold);
  }
}
