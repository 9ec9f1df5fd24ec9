package gill.engine.retrieval;

import gill.engine.fault.QueryException;
import gill.engine.flow.Filter;
import gill.engine.flow.SortKey;
import java.util.List;
import java.util.Set;

/// Refuses filters that the index cannot answer.
///
/// @param known fields of the index
record FilterCheck(Set<String> known) {
  private static final int MOST_CONDITIONS = 256;
  private static final int MOST_VALUES = 10_000;

  void check(Filter filter) {
    int conditions = conditions(filter);
    if (conditions > MOST_CONDITIONS) {
      throw QueryException.invalid(
          "filter", "a filter has at most " + MOST_CONDITIONS + " conditions, got " + conditions);
    }
  }

  private int conditions(Filter filter) {
    return switch (filter) {
      case Filter.In(String field, List<String> values) -> {
        requireText("filter", field);
        if (values.isEmpty() || values.size() > MOST_VALUES) {
          throw QueryException.invalid(
              "filter",
              "'" + field + "' needs 1 to " + MOST_VALUES + " values, got " + values.size());
        }
        yield 1;
      }
      case Filter.Between(String field, _, _) -> {
        require("filter", field);
        if (!FilterFields.isNumber(field)) {
          throw QueryException.invalid(
              "filter", "'" + field + "' is no number; give its range as texts");
        }
        yield 1;
      }
      case Filter.TextBetween(String field, _, _) -> {
        requireText("filter", field);
        yield 1;
      }
      case Filter.And(List<Filter> filters) -> sum(filters);
      case Filter.Or(List<Filter> filters) -> sum(filters);
      case Filter.Not(Filter not) -> 1 + conditions(not);
    };
  }

  private int sum(List<Filter> filters) {
    return 1 + filters.stream().mapToInt(this::conditions).sum();
  }

  void checkFacet(String field) {
    requireText("facets", field);
  }

  void checkSort(String field) {
    if (!field.equals(SortKey.SCORE)) {
      require("sort", field);
    }
  }

  private void requireText(String where, String field) {
    require(where, field);
    if (!FilterFields.isText(field)) {
      throw QueryException.invalid(
          where, "'" + field + "' is a number: filter it by a range of numbers");
    }
  }

  private void require(String where, String field) {
    if (!known.contains(field)) {
      throw QueryException.invalid(
          where,
          "this index has no field '" + field + "'; its fields are " + String.join(", ", known));
    }
  }
}
