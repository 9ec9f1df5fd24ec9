package gill.engine.retrieval;

import gill.engine.flow.WordQuery;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;

/// BM25 over captions, keywords and names; see [TextAnalysis] for the fields and their weights.
final class TextSearch {
  /// Words beyond these are not looked up: a longer text is no search.
  private static final int MAX_TERMS = 256;

  private TextSearch() {}

  static ScoreDoc[] search(IndexSearcher searcher, Analyzer analyzer, WordQuery query)
      throws IOException {
    BooleanQuery.Builder words = new BooleanQuery.Builder();
    int terms = 0;
    for (String field : TextAnalysis.WEIGHTS.keySet()) {
      for (Query word : words(analyzer, field, query.text())) {
        words.add(word, Occur.SHOULD);
        terms++;
      }
    }
    if (terms == 0) {
      return new ScoreDoc[0];
    }
    Query wanted =
        new BooleanQuery.Builder()
            .add(words.build(), Occur.MUST)
            .add(FilterQueries.of(query.filter(), query.excluded()), Occur.FILTER)
            .build();
    Sort order =
        new Sort(SortField.FIELD_SCORE, new SortField(IndexFormat.ID, SortField.Type.STRING));
    return searcher.search(wanted, query.limit(), order, true).scoreDocs;
  }

  private static List<Query> words(Analyzer analyzer, String field, String text) {
    float weight = TextAnalysis.WEIGHTS.getOrDefault(field, 0f);
    return TextAnalysis.terms(analyzer, field, text).stream()
        .distinct()
        .sorted()
        .limit(MAX_TERMS)
        .<Query>map(term -> new BoostQuery(new TermQuery(new Term(field, term)), weight))
        .toList();
  }

  /// What each field gives to the score of one document.
  static Map<String, Double> scores(
      IndexSearcher searcher, Analyzer analyzer, String text, int document) throws IOException {
    Map<String, Double> scores = new TreeMap<>();
    for (String field : TextAnalysis.WEIGHTS.keySet()) {
      BooleanQuery.Builder all = new BooleanQuery.Builder();
      words(analyzer, field, text).forEach(word -> all.add(word, Occur.SHOULD));
      Explanation explanation = searcher.explain(all.build(), document);
      if (explanation.isMatch()) {
        scores.put(field, explanation.getValue().doubleValue());
      }
    }
    return scores;
  }
}
