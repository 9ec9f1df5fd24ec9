package gill.engine.retrieval.solr;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.solr.common.params.ModifiableSolrParams;

/// Filters as Solr queries. What a filter names stands in parameters of its own, so that no text
/// need be escaped.
final class FilterParams {
  private static final String SEPARATOR = "sep";

  private final ModifiableSolrParams params;
  private int next;

  FilterParams(ModifiableSolrParams params) {
    this.params = params;
    params.set(SEPARATOR, SolrLayout.SEPARATOR);
  }

  /// Adds the images that pass and are not excluded as filter queries.
  void add(Filter filter, Collection<ImageId> excluded) {
    if (!filter.equals(Filter.ALL)) {
      params.add("fq", of(filter));
    }
    if (!excluded.isEmpty()) {
      Filter without =
          new Filter.Not(new Filter.In("id", excluded.stream().map(ImageId::value).toList()));
      params.add("fq", of(without).replaceFirst("\\{!bool", "{!bool cache=false"));
    }
  }

  /// A query that the filter's images match; it holds while the parameters do.
  String of(Filter filter) {
    return switch (filter) {
      case Filter.In(String field, List<String> values)
          when values.stream().noneMatch(value -> value.contains(SolrLayout.SEPARATOR)) ->
          "{!terms f=%s separator=$%s v=%s}"
              .formatted(
                  param(SolrLayout.textField(field)),
                  SEPARATOR,
                  param(String.join(SolrLayout.SEPARATOR, values)));
      case Filter.In(String field, List<String> values) ->
          bool("should", values.stream().map(value -> term(field, value)).toList());
      case Filter.Between(String field, double from, double to) ->
          range(
              SolrLayout.numberField(field),
              Double.isInfinite(from) ? "" : Double.toString(from),
              Double.isInfinite(to) ? "" : Double.toString(to));
      case Filter.TextBetween(String field, String from, String to) ->
          range(SolrLayout.textField(field), from, to);
      case Filter.And(List<Filter> filters) when filters.isEmpty() -> "*:*";
      case Filter.And(List<Filter> filters) ->
          bool("filter", filters.stream().map(this::of).toList());
      case Filter.Or(List<Filter> filters) when filters.isEmpty() -> "-*:*";
      case Filter.Or(List<Filter> filters) ->
          bool("should", filters.stream().map(this::of).toList());
      case Filter.Not(Filter not) -> "{!bool filter=*:* must_not=" + param(of(not)) + "}";
    };
  }

  private String term(String field, String value) {
    return "{!term f=%s v=%s}".formatted(param(SolrLayout.textField(field)), param(value));
  }

  private String bool(String occur, List<String> queries) {
    List<String> clauses = new ArrayList<>();
    queries.forEach(query -> clauses.add(occur + "=" + param(query)));
    return "{!bool " + String.join(" ", clauses) + "}";
  }

  /// Both ends included, an empty one open.
  private String range(String field, String from, String to) {
    return "{!lucene v=" + param(name(field) + ":[" + end(from) + " TO " + end(to) + "]") + "}";
  }

  private static String end(String text) {
    return text.isEmpty() ? "*" : quoted(text);
  }

  /// A text as Solr's query language has it.
  static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static String name(String field) {
    return field.replaceAll("[^\\p{L}\\p{N}._]", "\\\\$0");
  }

  private String param(String value) {
    String name = "p" + next++;
    params.set(name, value);
    return "$" + name;
  }
}
