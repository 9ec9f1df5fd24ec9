package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.lucene.document.DoublePoint;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FilteredDocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermRangeQuery;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;

/// Filters as Lucene queries that do not score.
final class FilterQueries {
  private static final Query ALL = new MatchAllDocsQuery();

  @FunctionalInterface
  interface LeafVisitor {
    void visit(LeafReaderContext leaf, DocIdSetIterator documents) throws IOException;
  }

  private FilterQueries() {}

  /// The images that pass the filter and are not excluded.
  static Query of(Filter filter, Collection<ImageId> excluded) {
    Query wanted = of(filter);
    if (excluded.isEmpty()) {
      return wanted;
    }
    List<String> ids = excluded.stream().map(ImageId::value).toList();
    return new BooleanQuery.Builder()
        .add(wanted, Occur.FILTER)
        .add(in(IndexFormat.ID, ids), Occur.MUST_NOT)
        .build();
  }

  private static Query of(Filter filter) {
    return switch (filter) {
      case Filter.In(String field, List<String> values) -> in(field, values);
      case Filter.Between(String field, double from, double to) ->
          DoublePoint.newRangeQuery(IndexFormat.numberField(field), from, to);
      case Filter.TextBetween(String field, String from, String to) ->
          TermRangeQuery.newStringRange(
              IndexFormat.keywordField(field), from, to.isEmpty() ? null : to, true, true);
      case Filter.And(List<Filter> filters) when filters.isEmpty() -> ALL;
      case Filter.And(List<Filter> filters) -> bool(filters, Occur.FILTER);
      case Filter.Or(List<Filter> filters) when filters.isEmpty() -> new MatchNoDocsQuery();
      case Filter.Or(List<Filter> filters) -> bool(filters, Occur.SHOULD);
      case Filter.Not(Filter not) ->
          new BooleanQuery.Builder().add(ALL, Occur.FILTER).add(of(not), Occur.MUST_NOT).build();
    };
  }

  private static Query bool(List<Filter> filters, Occur occur) {
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    filters.forEach(filter -> all.add(of(filter), occur));
    return all.build();
  }

  static Query in(String field, Collection<String> values) {
    return new TermInSetQuery(
        IndexFormat.keywordField(field), values.stream().map(BytesRef::new).toList());
  }

  /// Visits the live documents that match, segment by segment, in ascending order.
  static void visit(IndexSearcher searcher, Query query, LeafVisitor visitor) throws IOException {
    Weight weight = weight(searcher, query);
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      visit(weight, leaf, visitor);
    }
  }

  /// As above, of one segment.
  static void visit(
      IndexSearcher searcher, LeafReaderContext leaf, Query query, LeafVisitor visitor)
      throws IOException {
    visit(weight(searcher, query), leaf, visitor);
  }

  private static Weight weight(IndexSearcher searcher, Query query) throws IOException {
    return searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
  }

  private static void visit(Weight weight, LeafReaderContext leaf, LeafVisitor visitor)
      throws IOException {
    Scorer scorer = weight.scorer(leaf);
    if (scorer != null) {
      visitor.visit(leaf, live(scorer.iterator(), leaf.reader().getLiveDocs()));
    }
  }

  private static DocIdSetIterator live(
      DocIdSetIterator documents, @org.jspecify.annotations.Nullable Bits live) {
    return live == null
        ? documents
        : new FilteredDocIdSetIterator(documents) {
          @Override
          protected boolean match(int document) {
            return live.get(document);
          }
        };
  }
}
