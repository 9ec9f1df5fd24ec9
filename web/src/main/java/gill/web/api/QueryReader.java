package gill.web.api;

import gill.engine.flow.ImageId;
import gill.engine.flow.QueryPart;
import gill.engine.flow.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads what a search looks for: `text`, `image` or `query`, an array of weighted parts.
final class QueryReader {
  private static final int MOST_CHARACTERS = 2000;
  private static final int MOST_PARTS = 64;

  private final ImageRefs images;
  private final Limits limits;
  private final MessageReader messages;

  QueryReader(ImageRefs images, Limits limits) {
    this.images = images;
    this.limits = limits;
    this.messages = new MessageReader(images, limits);
  }

  /// A part whose picture, if it is one, waits to be decoded.
  sealed interface Part {
    double weight();

    QueryPart decode(ImageRefs images);

    /// How many pictures it holds.
    int pictures();

    /// Anything without pictures.
    record Ready(QueryPart part) implements Part {
      @Override
      public int pictures() {
        return 0;
      }

      @Override
      public double weight() {
        return part.weight();
      }

      @Override
      public QueryPart decode(ImageRefs images) {
        return part;
      }
    }

    record Image(ImageRefs.Ref ref, double weight) implements Part {
      @Override
      public int pictures() {
        return 1;
      }

      @Override
      public QueryPart decode(ImageRefs images) {
        return new QueryPart.Picture(images.pixels(ref), weight);
      }
    }

    record Asked(List<Draft> drafts, double weight) implements Part {
      @Override
      public int pictures() {
        return drafts.stream().mapToInt(Draft::images).sum();
      }

      @Override
      public QueryPart decode(ImageRefs images) {
        return new QueryPart.Asked(
            drafts.stream().map(draft -> draft.message(images)).toList(), weight);
      }
    }
  }

  List<Part> read(Fields fields) {
    Optional<String> text = fields.text("text");
    Optional<String> image = fields.text("image");
    Optional<List<JsonNode>> query = fields.array("query");
    if (text.stream().count() + image.stream().count() + query.stream().count() != 1) {
      throw Problem.missing(
          "text",
          "Send exactly one of text, image (a data: URI or base64) and query (an array of parts).");
    }
    List<Part> parts = new ArrayList<>();
    text.ifPresent(it -> parts.add(words(it, 1, "text")));
    image.ifPresent(it -> parts.add(new Part.Image(images.parseOrBase64(it, "image"), 1)));
    query.ifPresent(nodes -> parts.addAll(parts(nodes)));
    return parts;
  }

  private List<Part> parts(List<JsonNode> nodes) {
    if (nodes.isEmpty() || nodes.size() > MOST_PARTS) {
      throw Problem.invalid(
          "query", "query must have 1 to " + MOST_PARTS + " parts, got " + nodes.size() + ".");
    }
    List<Part> parts = new ArrayList<>();
    for (JsonNode node : nodes) {
      parts.add(part(Fields.of(node, "query[" + parts.size() + "]")));
    }
    if (parts.stream().noneMatch(part -> part.weight() > 0)) {
      throw Problem.invalid(
          "query", "All weights are negative; say with a positive one what to look for.");
    }
    int pictures = parts.stream().mapToInt(Part::pictures).sum();
    if (pictures > limits.images()) {
      throw new Problem(
          422,
          "too_many_images",
          "query holds " + pictures + " images, at most " + limits.images() + " are read.",
          "query");
    }
    return parts;
  }

  private Part part(Fields fields) {
    double weight = fields.number("weight", -100, 100, 1);
    if (weight == 0) {
      throw Problem.invalid(
          fields.path("weight"), fields.path("weight") + " must not be 0; leave the part out.");
    }
    List<Part> found = new ArrayList<>();
    fields.text("text").ifPresent(it -> found.add(words(it, weight, fields.path("text"))));
    fields
        .text("image")
        .ifPresent(it ->
            found.add(new Part.Image(images.parseOrBase64(it, fields.path("image")), weight)));
    fields
        .text("id")
        .ifPresent(it ->
            found.add(new Part.Ready(new QueryPart.Stored(id(it, fields.path("id")), weight))));
    fields.node("ask").ifPresent(it -> found.add(asked(it, weight, fields.path("ask"))));
    fields
        .array("vector")
        .ifPresent(it ->
            found.add(
                new Part.Ready(
                    new QueryPart.Direction(vector(it, fields.path("vector")), weight))));
    fields.done();
    if (found.size() != 1) {
      throw Problem.missing(
          fields.path("text"),
          "A part of query has exactly one of text, image, id, vector and ask.");
    }
    return found.getFirst();
  }

  private Part asked(JsonNode node, double weight, String field) {
    if (node.isString()) {
      return new Part.Asked(messages.prompt(node.stringValue(), field), weight);
    }
    if (node.isArray()) {
      return new Part.Asked(messages.read(List.copyOf(node.values()), field), weight);
    }
    throw Problem.wrongType(field, "a string or an array of messages", Fields.kind(node));
  }

  private static Part words(String text, double weight, String field) {
    if (text.isBlank()) {
      throw Problem.invalid(field, field + " is blank; say what to look for.");
    }
    if (text.length() > MOST_CHARACTERS) {
      throw Problem.tooLong(field, text.length(), MOST_CHARACTERS);
    }
    return new Part.Ready(new QueryPart.Words(text, weight));
  }

  static ImageId id(String text, String field) {
    if (text.isBlank() || text.length() > 512) {
      throw Problem.invalid(field, "An image id has 1 to 512 characters.");
    }
    return new ImageId(text);
  }

  private static UnitVector vector(List<JsonNode> nodes, String field) {
    float[] values = new float[nodes.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode node = nodes.get(i);
      if (!node.isNumber()) {
        throw Problem.wrongType(field + "[" + i + "]", "a number", Fields.kind(node));
      }
      values[i] = (float) node.doubleValue();
    }
    try {
      return UnitVector.normalise(values);
    } catch (IllegalArgumentException e) {
      throw Problem.invalid(field, field + " is not usable: " + e.getMessage() + ".");
    }
  }
}
