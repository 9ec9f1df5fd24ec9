package gill.web.api;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.SearchRequest.Detail;
import gill.engine.flow.SearchRequest.Page;
import gill.engine.flow.SearchRequest.Variety;
import gill.engine.flow.UnitVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Reads the body of `POST /v1/search` (docs/search.md). Pictures are decoded here.
final class SearchReader {
  private static final int MOST_HITS = 200;
  private static final int MOST_CHARACTERS = 2000;
  private static final int MOST_PARTS = 64;
  private static final int MOST_IDS = 10_000;

  private enum Method {
    VECTORS,
    WORDS,
    RRF,
    WEIGHTED
  }

  private final ImageRefs images;
  private final Limits limits;

  SearchReader(ImageRefs images, Limits limits) {
    this.images = images;
    this.limits = limits;
  }

  /// The parts of a query, not decoded yet.
  record Read(List<Part> parts, SearchRequest.Page page, Rest rest) {
    /// Decodes the pictures.
    SearchRequest request(ImageRefs images) {
      return new SearchRequest(
          parts.stream().map(part -> part.decode(images)).toList(),
          rest.ranking(),
          rest.filter(),
          rest.excluded(),
          rest.variety(),
          page,
          rest.facets(),
          rest.detail());
    }
  }

  /// Everything but the query and the page.
  record Rest(
      Ranking ranking,
      Filter filter,
      Set<ImageId> excluded,
      Variety variety,
      List<String> facets,
      Detail detail) {}

  /// A part whose picture, if it is one, waits to be decoded.
  sealed interface Part {
    double weight();

    QueryPart decode(ImageRefs images);

    /// Anything but a picture.
    record Ready(QueryPart part) implements Part {
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
      public QueryPart decode(ImageRefs images) {
        return new QueryPart.Picture(images.pixels(ref), weight);
      }
    }
  }

  Read read(Fields fields) {
    List<Part> parts = query(fields);
    int limit = fields.integer("limit", 1, MOST_HITS, 24);
    int window = fields.integer("window", 1, 10_000, Page.USUAL_WINDOW);
    if (limit > window) {
      throw Problem.invalid(
          "limit", "limit must be at most window (" + window + "), got " + limit + ".");
    }
    Page page = new Page(limit, window, fields.text("cursor").orElse(""));
    Rest rest =
        new Rest(
            fields
                .node("ranking")
                .map(node -> ranking(Fields.of(node, "ranking")))
                .orElse(Ranking.VECTORS),
            fields.node("filter").map(node -> FilterReader.read(node, "filter")).orElse(Filter.ALL),
            texts(fields, "exclude", MOST_IDS).stream()
                .map(id -> id(id, "exclude"))
                .collect(Collectors.toSet()),
            new Variety(
                fields.number("diversity", 0, 0.99, 0),
                fields.number("collapse", 0.5, 1, Variety.NEVER_SAME)),
            texts(fields, "facets", 16),
            fields.flag("explain") ? Detail.EXPLAINED : Detail.PLAIN);
    fields.done();
    return new Read(parts, page, rest);
  }

  private List<Part> query(Fields fields) {
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
    long pictures = parts.stream().filter(part -> part instanceof Part.Image).count();
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
    fields
        .array("vector")
        .ifPresent(it ->
            found.add(
                new Part.Ready(
                    new QueryPart.Direction(vector(it, fields.path("vector")), weight))));
    fields.done();
    if (found.size() != 1) {
      throw Problem.missing(
          fields.path("text"), "A part of query has exactly one of text, image, id and vector.");
    }
    return found.getFirst();
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

  private static ImageId id(String text, String field) {
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

  private static List<String> texts(Fields fields, String name, int most) {
    List<JsonNode> nodes = fields.array(name).orElse(List.of());
    if (nodes.size() > most) {
      throw Problem.invalid(
          name, name + " must have at most " + most + " values, got " + nodes.size() + ".");
    }
    return nodes.stream().map(node -> Fields.textOf(node, name)).distinct().toList();
  }

  private static Ranking ranking(Fields fields) {
    Method method = fields.choice("method", Method.class, Method.VECTORS);
    Ranking ranking =
        switch (method) {
          case VECTORS -> Ranking.VECTORS;
          case WORDS -> new Ranking.Words();
          case RRF -> {
            double vectors = weight(fields, "vectors");
            double words = weight(fields, "words");
            int constant = fields.integer("constant", 1, 10_000, 60);
            requireSome(vectors, words);
            yield new Ranking.ReciprocalRanks(vectors, words, constant);
          }
          case WEIGHTED -> {
            double vectors = weight(fields, "vectors");
            double words = weight(fields, "words");
            requireSome(vectors, words);
            yield new Ranking.WeightedScores(vectors, words);
          }
        };
    fields.done();
    return ranking;
  }

  private static double weight(Fields fields, String name) {
    return fields.number(name, 0, 100, 1);
  }

  private static void requireSome(double vectors, double words) {
    if (vectors + words == 0) {
      throw Problem.invalid("ranking", "ranking.vectors and ranking.words must not both be 0.");
    }
  }
}
