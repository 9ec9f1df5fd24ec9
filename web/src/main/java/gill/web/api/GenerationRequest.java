package gill.web.api;

import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageMode;
import gill.engine.flow.PromptPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// A request to `/v1/images/generations`.
///
/// @param kind what becomes of a streamed answer whose client leaves
/// @param count images to draw; image i is drawn with seed + i, as if it were asked for alone
record GenerationRequest(
    String prompt,
    int count,
    GenerationOptions options,
    Format format,
    boolean stream,
    Streams.Kind kind) {
  private static final int MOST_IMAGES = 10;

  /// How an image comes back.
  enum Format {
    URL,
    B64_JSON
  }

  private static final int MOST_PARTIAL = 3;

  static GenerationRequest parse(byte[] body, Limits limits, Answerer answerer) {
    Fields fields = Fields.parse(body);
    int looks = fields.integer("partial_images", 0, MOST_PARTIAL, 0);
    GenerationRequest request = parse(fields, looks, limits, answerer);
    if (looks > 0 && !request.stream()) {
      throw Problem.invalid(
          "partial_images",
          "partial_images are events of a stream; send \"stream\": true with them.");
    }
    return request;
  }

  /// A job's request, whose pictures come by their addresses. Whoever looks in sees how they grow.
  static GenerationRequest parseJob(Fields fields, Limits limits, Answerer answerer) {
    int looks = fields.integer("partial_images", 0, MOST_PARTIAL, MOST_PARTIAL);
    GenerationRequest request = parse(fields, looks, limits, answerer);
    if (request.stream() || request.format() != Format.URL) {
      throw Problem.invalid(
          request.stream() ? "stream" : "response_format",
          "A job has no stream and gives addresses; its events are at /v1/jobs/{id}/events.");
    }
    return request;
  }

  private static GenerationRequest parse(
      Fields fields, int looks, Limits limits, Answerer answerer) {
    Models.check(fields.text("model"), answerer.info().bundle());
    Optional<String> prompt = fields.text("prompt");
    int count = fields.integer("n", 1, MOST_IMAGES, 1);
    size(fields.text("size"), answerer.info().imageSize());
    boolean stream = fields.flag("stream");
    Streams.Kind kind = Streams.Kind.read(fields, stream);
    Format format = fields.choice("response_format", Format.class, Format.URL);
    only(fields, "output_format", "png");
    fields.text("user");
    GenerationOptions options = TurnOptions.drawing(fields).withPreviews(looks);
    fields.done();
    return new GenerationRequest(check(prompt, limits), count, options, format, stream, kind);
  }

  private static String check(Optional<String> prompt, Limits limits) {
    String text =
        prompt.orElseThrow(
            () -> Problem.missing("prompt", "prompt is missing; say what the image should show."));
    if (text.isBlank()) {
      throw Problem.invalid("prompt", "prompt is blank; say what the image should show.");
    }
    if (text.length() > limits.promptCharacters()) {
      throw Problem.tooLong("prompt", text.length(), limits.promptCharacters());
    }
    return text;
  }

  private static void size(Optional<String> size, int drawn) {
    String only = drawn + "x" + drawn;
    if (size.isPresent() && !size.get().equals("auto") && !size.get().equals(only)) {
      throw Problem.invalid(
          "size",
          "size must be auto or "
              + only
              + ", the size this model draws, got "
              + Fields.quote(size.get())
              + ".");
    }
  }

  private static void only(Fields fields, String name, String value) {
    Optional<String> sent = fields.text(name);
    if (sent.isPresent() && !sent.get().toLowerCase(Locale.ROOT).equals(value)) {
      throw Problem.invalid(
          name, name + " must be " + value + ", got " + Fields.quote(sent.get()) + ".");
    }
  }

  /// The turn that draws image `index`.
  Turn turn(int index) {
    return new Turn(
        List.of(),
        List.of(new PromptPart.TextPart(prompt)),
        Set.of(),
        ImageMode.GENERATE,
        SamplingOptions.DEFAULT,
        options.withSeed(options.seed() + index),
        1);
  }
}
