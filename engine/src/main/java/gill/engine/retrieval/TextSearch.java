package gill.engine.retrieval;

import gill.engine.flow.WordQuery;
import gill.engine.retrieval.TextAnalysis.Reading;
import gill.engine.retrieval.WordPlan.Meaning;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.CombinedFieldQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.util.BytesRef;

/// BM25F over captions, keywords and names; see [TextAnalysis] for the fields and [WordPlan] for
/// the languages.
final class TextSearch {
  /// @param document of the searcher's reader
  record Scored(int document, String id, double score) {}

  private final IndexSearcher searcher;
  private final Analyzer analyzer;

  TextSearch(IndexSearcher searcher, Analyzer analyzer) {
    this.searcher = searcher;
    this.analyzer = analyzer;
  }

  /// Best first, ties by id.
  List<Scored> search(WordQuery query) throws IOException {
    WordPlan plan = plan(query.text(), query.language());
    if (plan.words().isEmpty()) {
      return List.of();
    }
    BooleanQuery.Builder words = new BooleanQuery.Builder();
    for (List<Meaning> word : plan.words()) {
      List<Query> meanings = word.stream().map(TextSearch::query).toList();
      words.add(new DisjunctionMaxQuery(meanings, 0), Occur.SHOULD);
    }
    Query wanted =
        new BooleanQuery.Builder()
            .add(words.build(), Occur.MUST)
            .add(FilterQueries.of(query.filter(), query.excluded()), Occur.FILTER)
            .build();
    Sort order =
        new Sort(SortField.FIELD_SCORE, new SortField(IndexFormat.ID, SortField.Type.STRING));
    List<Scored> best = new ArrayList<>();
    for (ScoreDoc it : searcher.search(wanted, query.limit(), order).scoreDocs) {
      var fields = Objects.requireNonNull(((FieldDoc) it).fields);
      best.add(
          new Scored(
              it.doc, ((BytesRef) fields[1]).utf8ToString(), ((Number) fields[0]).doubleValue()));
    }
    return best;
  }

  private WordPlan plan(String text, String language) throws IOException {
    List<String> fields = new ArrayList<>();
    for (FieldInfo field : FieldInfos.getMergedFieldInfos(searcher.getIndexReader())) {
      fields.add(field.name);
    }
    return WordPlan.of(
        text, TextAnalysis.readings(fields, language), analyzer, new SearcherStatistics());
  }

  private static Query query(Meaning meaning) {
    BooleanQuery.Builder terms = new BooleanQuery.Builder();
    for (String term : meaning.terms()) {
      terms.add(query(meaning.reading(), term), Occur.SHOULD);
    }
    return new BoostQuery(terms.build(), (float) meaning.scale());
  }

  private static Query query(Reading reading, String term) {
    CombinedFieldQuery.Builder combined = new CombinedFieldQuery.Builder(term);
    reading.weights().forEach(combined::addField);
    return combined.build();
  }

  /// What each field gives to the score of one document.
  Map<String, Double> scores(String text, String language, int document) throws IOException {
    Map<String, Double> scores = new TreeMap<>();
    for (List<Meaning> word : plan(text, language).words()) {
      Map<String, Double> best = Map.of();
      double most = 0;
      for (Meaning meaning : word) {
        Map<String, Double> shares = shares(meaning, document);
        double score = shares.values().stream().mapToDouble(Double::doubleValue).sum();
        if (score > most) {
          best = shares;
          most = score;
        }
      }
      best.forEach((field, share) -> scores.merge(field, share, Double::sum));
    }
    return scores;
  }

  /// A field's share in the score of a term is its share in the weighted count of the term.
  private Map<String, Double> shares(Meaning meaning, int document) throws IOException {
    Map<String, Double> shares = new TreeMap<>();
    for (String term : meaning.terms()) {
      double score =
          meaning.scale()
              * searcher.explain(query(meaning.reading(), term), document).getValue().doubleValue();
      Map<String, Double> counts = new TreeMap<>();
      for (Map.Entry<String, Float> field : meaning.reading().weights().entrySet()) {
        int count = count(new Term(field.getKey(), term), document);
        if (count > 0) {
          counts.put(field.getKey(), (double) count * field.getValue());
        }
      }
      double all = counts.values().stream().mapToDouble(Double::doubleValue).sum();
      counts.forEach((field, count) -> shares.merge(field, score * count / all, Double::sum));
    }
    return shares;
  }

  private int count(Term term, int document) throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(document, leaves));
    PostingsEnum postings = leaf.reader().postings(term, PostingsEnum.FREQS);
    int at = document - leaf.docBase;
    return postings != null && postings.advance(at) == at ? postings.freq() : 0;
  }

  private final class SearcherStatistics implements WordPlan.Statistics {
    @Override
    public long images(String field) throws IOException {
      CollectionStatistics statistics = searcher.collectionStatistics(field);
      return statistics == null ? 0 : statistics.docCount();
    }

    @Override
    public long images(String field, String term) throws IOException {
      return searcher.getIndexReader().docFreq(new Term(field, term));
    }
  }
}
