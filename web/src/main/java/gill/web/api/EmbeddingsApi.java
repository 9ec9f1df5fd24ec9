package gill.web.api;

import gill.engine.flow.UnitVector;
import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `POST /v1/embeddings`: CLIP vectors of texts and images, all in one space, in OpenAI's shape.
final class EmbeddingsApi {
  private static final int MOST_INPUTS = 256;

  private final Service service;

  EmbeddingsApi(Service service) {
    this.service = service;
  }

  /// How the numbers of a vector are written.
  enum Encoding {
    FLOAT,
    BASE64
  }

  /// A thing to embed, not yet decoded.
  sealed interface Input {
    record Text(String text) implements Input {}

    record Image(ImageRefs.Ref ref) implements Input {}
  }

  /// @param embedding a list of numbers, or base64 of little-endian 32-bit floats
  record Embedding(String object, int index, Object embedding) {}

  record Usage(int promptTokens, int totalTokens) {}

  record Answer(String object, List<Embedding> data, String model, Usage usage) {}

  void handle(Context ctx) {
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    Models.check(fields.text("model"), service.answerer().info().bundle());
    Encoding encoding = fields.choice("encoding_format", Encoding.class, Encoding.FLOAT);
    Optional<Long> dimensions =
        fields.integer("dimensions", 1L, 1L << 20).stream().boxed().findFirst();
    fields.text("user");
    Optional<JsonNode> input = fields.node("input");
    fields.done();
    List<Input> inputs =
        inputs(
            input.orElseThrow(() ->
                Problem.missing(
                    "input", "input is missing; send a string or an array of texts and images.")));
    try (Admission.Ticket _ = service.admission().enter()) {
      List<Embedding> data = new ArrayList<>();
      for (Input one : inputs) {
        UnitVector vector = embed(one);
        dimensions.ifPresent(wanted -> check(wanted, vector.dimension()));
        data.add(new Embedding("embedding", data.size(), written(vector, encoding)));
      }
      // Tokens are not billed here, so they are not counted.
      ctx.json(new Answer("list", data, service.answerer().info().bundle(), new Usage(0, 0)));
    }
  }

  private UnitVector embed(Input input) {
    return switch (input) {
      case Input.Text(String text) -> service.embed(text);
      case Input.Image(ImageRefs.Ref ref) -> service.embed(service.images().pixels(ref));
    };
  }

  private static void check(long wanted, int dimension) {
    if (wanted != dimension) {
      throw Problem.invalid(
          "dimensions",
          "dimensions must be " + dimension + ", as the model makes them, got " + wanted + ".");
    }
  }

  private List<Input> inputs(JsonNode input) {
    if (!input.isArray()) {
      return List.of(input(input, "input"));
    }
    if (input.isEmpty() || input.size() > MOST_INPUTS) {
      throw Problem.invalid(
          "input", "input must hold 1 to " + MOST_INPUTS + " items, got " + input.size() + ".");
    }
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < input.size(); i++) {
      inputs.add(input(input.get(i), "input[" + i + "]"));
    }
    long images = inputs.stream().filter(Input.Image.class::isInstance).count();
    if (images > service.limits().images()) {
      throw new Problem(
          422,
          "too_many_images",
          "input holds "
              + images
              + " images, at most "
              + service.limits().images()
              + " are read at once; send several requests.",
          "input");
    }
    return inputs;
  }

  private Input input(JsonNode node, String path) {
    if (node.isString()) {
      return text(node.stringValue(), path);
    }
    if (!node.isObject()) {
      throw Problem.wrongType(path, "a string or an image_url part", Fields.kind(node));
    }
    return switch (MessageReader.parsePart(node, path)) {
      case MessageReader.RawPart.Text(String text) -> text(text, path + ".text");
      case MessageReader.RawPart.Image(String url) ->
          new Input.Image(service.images().parse(url, path + ".image_url.url"));
    };
  }

  /// A text; a `data:image/` URI stands for the image, as no one looks for its characters.
  private Input text(String text, String path) {
    if (text.startsWith("data:image/")) {
      return new Input.Image(service.images().parse(text, path));
    }
    if (text.isBlank()) {
      throw Problem.invalid(path, path + " is blank; there is nothing to embed.");
    }
    if (text.length() > service.limits().promptCharacters()) {
      throw Problem.tooLong(path, text.length(), service.limits().promptCharacters());
    }
    return new Input.Text(text);
  }

  private static Object written(UnitVector vector, Encoding encoding) {
    float[] values = vector.toArray();
    if (encoding == Encoding.FLOAT) {
      return values;
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
