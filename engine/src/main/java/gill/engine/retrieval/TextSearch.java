package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;

/// BM25 over captions, keywords and names; see [TextAnalysis] for the fields and their weights.
final class TextSearch {
  /// Words beyond these are not looked up: a longer text is no search.
  private static final int MAX_TERMS = 256;

  private TextSearch() {}

  static ScoreDoc[] search(
      IndexSearcher searcher, Analyzer analyzer, String text, int limit, Set<ImageId> excluded)
      throws IOException {
    BooleanQuery.Builder words = new BooleanQuery.Builder();
    int terms = 0;
    for (var field : TextAnalysis.WEIGHTS.entrySet()) {
      Set<String> unique = new HashSet<>(TextAnalysis.terms(analyzer, field.getKey(), text));
      for (String term : unique.stream().sorted().limit(MAX_TERMS).toList()) {
        words.add(
            new BoostQuery(new TermQuery(new Term(field.getKey(), term)), field.getValue()),
            Occur.SHOULD);
        terms++;
      }
    }
    if (terms == 0) {
      return new ScoreDoc[0];
    }
    BooleanQuery query =
        new BooleanQuery.Builder()
            .add(words.build(), Occur.MUST)
            .add(VectorSearch.allBut(excluded), Occur.FILTER)
            .build();
    Sort order =
        new Sort(SortField.FIELD_SCORE, new SortField(IndexFormat.ID, SortField.Type.STRING));
    ScoreDoc[] found = searcher.search(query, limit, order, true).scoreDocs;
    return found;
  }
}
