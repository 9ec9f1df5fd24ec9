package gill.engine.retrieval;

import gill.engine.retrieval.TextAnalysis.Reading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;

/// What a text asks of an index, word by word: each word in each language that it may be of.
///
/// A word's score is that of the language which fits the image best, so that a text needs not say
/// its language and may mix several. In each, the word's BM25F is scaled as if it were as common as
/// in the language where it is most common: else a rare false friend would stand above the word
/// that is meant.
///
/// @param words in the text's order; each is known to the index in at least one language
public record WordPlan(List<List<Meaning>> words) {
  /// Words beyond these are not looked up: a longer text is no search.
  private static final int MOST_WORDS = 256;

  /// Lucene takes 1024 clauses in all.
  private static final int MOST_CLAUSES = 900;

  /// A word in one language.
  ///
  /// @param terms of the index; most words are one
  /// @param scale of the terms' BM25F, at most 1
  public record Meaning(Reading reading, List<String> terms, double scale) {}

  /// What an index knows of its terms.
  public interface Statistics {
    /// Images that have a text in the field.
    long images(String field) throws IOException;

    /// Images whose field holds the term.
    long images(String field, String term) throws IOException;
  }

  public static WordPlan of(
      String text, List<Reading> readings, Analyzer analyzer, Statistics statistics)
      throws IOException {
    Set<List<Meaning>> words = new LinkedHashSet<>();
    int clauses = 0;
    for (String word : new LinkedHashSet<>(List.of(text.strip().split("\\s+")))) {
      List<Meaning> meanings = meanings(word, readings, analyzer, statistics);
      clauses +=
          meanings.stream()
              .mapToInt(meaning -> meaning.terms().size() * meaning.reading().weights().size())
              .sum();
      if (words.size() == MOST_WORDS || clauses > MOST_CLAUSES) {
        break;
      }
      if (!meanings.isEmpty()) {
        words.add(meanings);
      }
    }
    return new WordPlan(List.copyOf(words));
  }

  private static List<Meaning> meanings(
      String word, List<Reading> readings, Analyzer analyzer, Statistics statistics)
      throws IOException {
    List<Meaning> known = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (Reading reading : readings) {
      String field = reading.weights().keySet().iterator().next();
      List<String> terms = new ArrayList<>();
      double rarity = 0;
      for (String term : new LinkedHashSet<>(TextAnalysis.terms(analyzer, field, word))) {
        double rare = rarity(reading, term, statistics);
        if (rare > 0) {
          terms.add(term);
          rarity += rare;
        }
      }
      if (!terms.isEmpty()) {
        known.add(new Meaning(reading, terms, rarity));
        least = Math.min(least, rarity);
      }
    }
    double common = least;
    return known.stream()
        .map(it -> new Meaning(it.reading(), it.terms(), common / it.scale()))
        .toList();
  }

  /// Inverse document frequency of a term as BM25F has it: of the field where it is most common. 0
  /// if no image holds it.
  public static double rarity(Reading reading, String term, Statistics statistics)
      throws IOException {
    long all = 0;
    long with = 0;
    for (String field : reading.weights().keySet()) {
      all = Math.max(all, statistics.images(field));
      with = Math.max(with, statistics.images(field, term));
    }
    return with == 0 ? 0 : Math.log(1 + (all - with + 0.5) / (with + 0.5));
  }
}
