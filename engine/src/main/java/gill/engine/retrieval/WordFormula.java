package gill.engine.retrieval;

import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.TextAnalysis.Reading;
import gill.engine.retrieval.WordPlan.Meaning;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.util.SmallFloat;

/// BM25F from the formula (k1 = 1.2, b = 0.75; Robertson, Zaragoza and Taylor 2004), with a text's
/// length kept as Lucene keeps it.
///
/// @param corpus what is known of all images
public record WordFormula(Corpus corpus) {
  private static final double K1 = 1.2;
  private static final double B = 0.75;

  /// What a corpus knows of its texts.
  public interface Corpus extends WordPlan.Statistics {
    /// Terms that all images have in the field, each time it occurs.
    long terms(String field) throws IOException;
  }

  /// The texts of one image.
  public interface Texts {
    int count(String field, String term);

    /// Terms in the field, each time it occurs.
    int length(String field);

    /// Of a record.
    ///
    /// @param fields those that will be asked for
    static Texts of(ImageRecord image, Collection<String> fields, Analyzer analyzer) {
      Map<String, Map<String, Integer>> counts = new HashMap<>();
      TextAnalysis.texts(image)
          .forEach((field, texts) -> {
            if (fields.contains(field)) {
              counts.put(field, counts(field, texts, analyzer));
            }
          });
      return new Texts() {
        @Override
        public int count(String field, String term) {
          return counts.getOrDefault(field, Map.of()).getOrDefault(term, 0);
        }

        @Override
        public int length(String field) {
          return counts.getOrDefault(field, Map.of()).values().stream().mapToInt(n -> n).sum();
        }
      };
    }

    /// How often each term is in a field's texts.
    static Map<String, Integer> counts(String field, List<String> texts, Analyzer analyzer) {
      Map<String, Integer> counts = new TreeMap<>();
      for (String text : texts) {
        TextAnalysis.terms(analyzer, field, text)
            .forEach(term -> counts.merge(term, 1, Integer::sum));
      }
      return counts;
    }
  }

  /// What each field gives to the score of an image; fields that give nothing are left out. Of each
  /// word the language counts that fits best.
  public Map<String, Double> scores(WordPlan plan, Texts image) throws IOException {
    Map<String, Double> scores = new TreeMap<>();
    for (List<Meaning> word : plan.words()) {
      Map<String, Double> best = Map.of();
      for (Meaning meaning : word) {
        Map<String, Double> shares = shares(meaning, image);
        best = MORE.compare(shares, best) > 0 ? shares : best;
      }
      best.forEach((field, share) -> scores.merge(field, share, Double::sum));
    }
    return scores;
  }

  private static final Comparator<Map<String, Double>> MORE =
      Comparator.comparingDouble(WordFormula::sum);

  static double sum(Map<String, Double> shares) {
    return shares.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private Map<String, Double> shares(Meaning meaning, Texts image) throws IOException {
    Reading reading = meaning.reading();
    double total = 0;
    double length = 0;
    long texts = 0;
    for (var field : reading.weights().entrySet()) {
      texts = Math.max(texts, corpus.images(field.getKey()));
      total += field.getValue() * corpus.terms(field.getKey());
      length += field.getValue() * image.length(field.getKey());
    }
    double norm = K1 * (1 - B + B * asStored(length) / (total / texts));
    Map<String, Double> shares = new TreeMap<>();
    for (String term : meaning.terms()) {
      Map<String, Double> counts = new TreeMap<>();
      reading
          .weights()
          .forEach((field, weight) -> {
            int count = image.count(field, term);
            if (count > 0) {
              counts.put(field, (double) weight * count);
            }
          });
      double all = sum(counts);
      double rarity = meaning.scale() * WordPlan.rarity(reading, term, corpus);
      counts.forEach(
          (field, count) -> shares.merge(field, rarity * count / (all + norm), Double::sum));
    }
    return shares;
  }

  /// Lucene keeps a text's length in a byte, exactly up to 40.
  private static int asStored(double length) {
    return SmallFloat.byte4ToInt(SmallFloat.intToByte4((int) Math.round(length)));
  }
}
