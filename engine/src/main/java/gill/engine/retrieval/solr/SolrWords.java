package gill.engine.retrieval.solr;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.WordQuery;
import gill.engine.retrieval.TextAnalysis;
import gill.engine.retrieval.TextAnalysis.Reading;
import gill.engine.retrieval.TextHit;
import gill.engine.retrieval.WordFormula;
import gill.engine.retrieval.WordPlan;
import gill.engine.retrieval.WordPlan.Meaning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.lucene.analysis.Analyzer;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.params.ModifiableSolrParams;

/// Words in a collection. Solr finds candidates, by rarity and field; the program scores them by
/// the same formula as every other index and puts them in order. Terms are made by the program on
/// both sides: Solr needs to know no language.
final class SolrWords implements WordFormula.Corpus {
  /// Terms asked about in one request.
  private static final int AT_ONCE = 500;

  /// Candidates that are scored: so many for each hit, and so many more.
  private static final int PER_HIT = 2;

  private static final int MORE = 100;
  private static final double SATURATION = 1.2;
  private static final Comparator<TextHit> ORDER =
      Comparator.comparingDouble(TextHit::score).reversed().thenComparing(hit -> hit.image().id());

  private final SolrCalls calls;
  private final Map<String, SolrFacts.TextField> texts;
  private final Analyzer analyzer;
  private final Map<String, Long> images = new HashMap<>();
  private final WordPlan plan;

  SolrWords(SolrCalls calls, SolrFacts facts, Analyzer analyzer, String text, String language) {
    this.calls = calls;
    this.texts = facts.texts();
    this.analyzer = analyzer;
    List<Reading> readings = TextAnalysis.readings(texts.keySet(), language);
    count(text, readings);
    try {
      this.plan = WordPlan.of(text, readings, analyzer, this);
    } catch (IOException e) {
      throw new UncheckedIOException("counting words", e);
    }
  }

  /// Asks how common each term that the text may mean is.
  private void count(String text, List<Reading> readings) {
    Set<String> terms = new LinkedHashSet<>();
    for (String word : new LinkedHashSet<>(List.of(text.strip().split("\\s+")))) {
      for (Reading reading : readings) {
        String first = reading.weights().keySet().iterator().next();
        for (String term : TextAnalysis.terms(analyzer, first, word)) {
          reading.weights().keySet().forEach(field -> terms.add(SolrLayout.term(field, term)));
        }
      }
    }
    List<String> all = List.copyOf(terms);
    for (int from = 0; from < all.size(); from += AT_ONCE) {
      List<String> some = all.subList(from, Math.min(from + AT_ONCE, all.size()));
      List<Long> counts =
          SolrFacets.counts(
              calls, some.stream().map(term -> "{!term f=terms cache=false}" + term).toList());
      for (int i = 0; i < some.size(); i++) {
        images.put(some.get(i), counts.get(i));
      }
    }
  }

  @Override
  public long images(String field) {
    return texts.getOrDefault(field, new SolrFacts.TextField(0, 0)).images();
  }

  @Override
  public long images(String field, String term) {
    return images.getOrDefault(SolrLayout.term(field, term), 0L);
  }

  @Override
  public long terms(String field) {
    return texts.getOrDefault(field, new SolrFacts.TextField(0, 0)).terms();
  }

  List<TextHit> search(WordQuery query) {
    if (plan.words().isEmpty()) {
      return List.of();
    }
    List<TextHit> hits = new ArrayList<>();
    for (SolrDocument candidate : candidates(query)) {
      ImageRecord image = SolrLayout.record(candidate);
      double score = scores(image).values().stream().mapToDouble(Double::doubleValue).sum();
      if (score > 0) {
        hits.add(new TextHit(image, score));
      }
    }
    return hits.stream().sorted(ORDER).limit(query.limit()).toList();
  }

  private List<SolrDocument> candidates(WordQuery query) {
    ModifiableSolrParams question = new ModifiableSolrParams();
    List<String> clauses = new ArrayList<>();
    for (int i = 0; i < plan.words().size(); i++) {
      question.set("m" + i, clause(plan.words().get(i)));
      question.set("w" + i, "{!maxscore tie=0 v=$m" + i + "}");
      clauses.add("should=$w" + i);
    }
    question.set("q", "{!bool " + String.join(" ", clauses) + "}");
    new FilterParams(question).add(query.filter(), query.excluded());
    question.set("rows", PER_HIT * query.limit() + MORE);
    question.set("sort", "score desc,words asc,id asc");
    question.set("fl", "record.*");
    return calls.query(question).getResults();
  }

  /// A word: the language that fits best. A term in a field gives about what BM25F would in a text
  /// of usual length; among equals, short texts come first.
  private String clause(List<Meaning> word) {
    return word.stream()
        .map(meaning -> {
          List<String> terms = new ArrayList<>();
          for (String term : meaning.terms()) {
            double rarity = meaning.scale() * rarity(meaning.reading(), term);
            meaning
                .reading()
                .weights()
                .forEach((field, weight) ->
                    terms.add(
                        "terms:%s^=%s"
                            .formatted(
                                FilterParams.quoted(SolrLayout.term(field, term)),
                                plain(rarity * weight / (weight + SATURATION)))));
          }
          return "(" + String.join(" ", terms) + ")";
        })
        .collect(Collectors.joining(" "));
  }

  /// Without an exponent: the query language would take it for a word.
  private static String plain(double number) {
    return new BigDecimal(number).setScale(9, RoundingMode.HALF_UP).toPlainString();
  }

  private double rarity(Reading reading, String term) {
    try {
      return WordPlan.rarity(reading, term, this);
    } catch (IOException e) {
      throw new UncheckedIOException("counting words", e);
    }
  }

  /// What each field gives to the score of an image.
  Map<String, Double> scores(ImageRecord image) {
    Set<String> fields = new HashSet<>();
    plan.words()
        .forEach(
            word -> word.forEach(meaning -> fields.addAll(meaning.reading().weights().keySet())));
    try {
      return new WordFormula(this).scores(plan, WordFormula.Texts.of(image, fields, analyzer));
    } catch (IOException e) {
      throw new UncheckedIOException("counting words", e);
    }
  }
}
