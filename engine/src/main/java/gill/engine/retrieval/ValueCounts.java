package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.SearchAnswer.ValueCount;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;

/// How often each value of a field occurs: facets.
public final class ValueCounts {
  private static final Comparator<ValueCount> ORDER =
      Comparator.comparingInt(ValueCount::count).reversed().thenComparing(ValueCount::value);

  private ValueCounts() {}

  static List<ValueCount> of(IndexSearcher searcher, String field, Filter filter)
      throws IOException {
    Map<String, Integer> counts = new HashMap<>();
    FilterQueries.visit(
        searcher,
        FilterQueries.of(filter, Set.of()),
        (leaf, documents) -> {
          SortedSetDocValues values =
              DocValues.getSortedSet(leaf.reader(), IndexFormat.keywordField(field));
          int[] byOrdinal = new int[Math.toIntExact(values.getValueCount())];
          int doc = documents.nextDoc();
          for (; doc < DocIdSetIterator.NO_MORE_DOCS; doc = documents.nextDoc()) {
            if (values.advanceExact(doc)) {
              for (int i = 0; i < values.docValueCount(); i++) {
                byOrdinal[(int) values.nextOrd()]++;
              }
            }
          }
          for (int ordinal = 0; ordinal < byOrdinal.length; ordinal++) {
            if (byOrdinal[ordinal] > 0) {
              counts.merge(
                  values.lookupOrd(ordinal).utf8ToString(), byOrdinal[ordinal], Integer::sum);
            }
          }
        });
    return inOrder(counts);
  }

  /// Most frequent first, ties by value.
  public static List<ValueCount> inOrder(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(entry -> new ValueCount(entry.getKey(), entry.getValue()))
        .sorted(ORDER)
        .toList();
  }
}
