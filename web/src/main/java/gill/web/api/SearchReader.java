package gill.web.api;

import gill.engine.flow.Effort;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.SearchRequest.Detail;
import gill.engine.flow.SearchRequest.Page;
import gill.engine.flow.SearchRequest.Variety;
import gill.engine.flow.SortKey;
import gill.engine.flow.SortKey.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Reads the body of `POST /v1/search` (docs/search.md). Pictures are decoded here.
final class SearchReader {
  /// The field that names a conversation.
  static final String SESSION = "session_id";

  private static final int MOST_HITS = 200;
  private static final int MOST_IDS = 10_000;
  private static final int MOST_KEYS = 8;

  private enum Method {
    VECTORS,
    WORDS,
    RRF,
    WEIGHTED
  }

  private final QueryReader queries;

  SearchReader(ImageRefs images, Limits limits) {
    this.queries = new QueryReader(images, limits);
  }

  /// The parts of a query, not decoded yet.
  ///
  /// @param session id of a conversation whose images are left out; empty = none
  record Read(List<QueryReader.Part> parts, SearchRequest.Page page, Rest rest, String session) {
    /// Decodes the pictures.
    SearchRequest request(ImageRefs images) {
      List<QueryPart> decoded = parts.stream().map(part -> part.decode(images)).toList();
      return new SearchRequest(
          decoded,
          rest.ranking().orElseGet(() -> Ranking.usual(decoded)),
          rest.language(),
          rest.filter(),
          rest.excluded(),
          rest.variety(),
          rest.sort(),
          page,
          rest.facets(),
          rest.detail(),
          rest.effort());
    }
  }

  /// Everything but the query and the page.
  ///
  /// @param ranking empty = the usual one
  record Rest(
      Optional<Ranking> ranking,
      String language,
      Filter filter,
      Set<ImageId> excluded,
      Variety variety,
      List<SortKey> sort,
      List<String> facets,
      Detail detail,
      Effort effort) {}

  Read read(Fields fields) {
    List<QueryReader.Part> parts = queries.read(fields);
    int limit = fields.integer("limit", 1, MOST_HITS, 24);
    int window = fields.integer("window", 1, 10_000, Page.USUAL_WINDOW);
    if (limit > window) {
      throw Problem.invalid(
          "limit", "limit must be at most window (" + window + "), got " + limit + ".");
    }
    Page page =
        new Page(
            limit, window, fields.text("cursor").orElse(""), fields.number("min_p_match", 0, 1, 0));
    Variety variety =
        new Variety(
            fields.number("diversity", 0, 0.99, 0),
            fields.number("collapse", 0.5, 1, Variety.NEVER_SAME));
    Rest rest =
        new Rest(
            fields.node("ranking").map(node -> ranking(Fields.of(node, "ranking"))),
            language(fields),
            fields.node("filter").map(node -> FilterReader.read(node, "filter")).orElse(Filter.ALL),
            texts(fields, "exclude", MOST_IDS).stream()
                .map(id -> QueryReader.id(id, "exclude"))
                .collect(Collectors.toSet()),
            variety,
            sort(fields, variety),
            texts(fields, "facets", 16),
            fields.flag("explain") ? Detail.EXPLAINED : Detail.PLAIN,
            new Effort(
                fields.integer("ef", 1, 10_000, 0), fields.integer("oversample", 1, 100, 0)));
    String session = fields.text(SESSION).orElse("");
    fields.done();
    return new Read(parts, page, rest, session);
  }

  private static String language(Fields fields) {
    String tag = fields.text("language").orElse("");
    if (!tag.matches("([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*)?")) {
      throw Problem.invalid(
          "language",
          "language must be a BCP 47 tag such as de or pt-BR, got " + Fields.quote(tag));
    }
    return tag;
  }

  private static List<SortKey> sort(Fields fields, Variety variety) {
    List<SortKey> keys = new ArrayList<>();
    for (JsonNode node : fields.array("sort").orElse(List.of())) {
      String at = "sort[" + keys.size() + "]";
      Fields key = Fields.of(node, at);
      String field =
          key.text("field")
              .orElseThrow(() ->
                  Problem.missing(at + ".field", at + ".field is missing: score or a field."));
      keys.add(new SortKey(field, key.choice("order", Direction.class, Direction.ASC)));
      key.done();
    }
    if (keys.size() > MOST_KEYS) {
      throw Problem.invalid(
          "sort", "sort must have at most " + MOST_KEYS + " fields, got " + keys.size() + ".");
    }
    if (!keys.isEmpty() && variety.diversity() > 0) {
      throw Problem.invalid("sort", "sort and diversity both put hits in order; send one of them.");
    }
    return keys;
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
            double words = fields.number("words", 0, 100, 0.5);
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
