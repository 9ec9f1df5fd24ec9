package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;

/// BM25 in heap, from the formula (k1 = 1.2, b = 0.75), for [ExactBackend].
final class WordScores {
  private static final double K1 = 1.2;
  private static final double B = 0.75;
  private static final Comparator<TextHit> ORDER =
      Comparator.comparingDouble(TextHit::score).reversed().thenComparing(hit -> hit.image().id());

  /// One field of all images: how often each term is in each image.
  private record Column(List<Map<String, Integer>> counts, List<Integer> lengths, double mean) {
    /// Images that hold the term, of those that have the field at all.
    double inverseFrequency(String term) {
      long with = counts.stream().filter(terms -> terms.containsKey(term)).count();
      long all = lengths.stream().filter(length -> length > 0).count();
      return Math.log(1 + (all - with + 0.5) / (with + 0.5));
    }

    double score(int image, String term, double inverseFrequency) {
      int count = counts.get(image).getOrDefault(term, 0);
      double norm = K1 * (1 - B + B * lengths.get(image) / mean);
      return count == 0 ? 0 : inverseFrequency * count / (count + norm);
    }
  }

  private final List<ImageRecord> images;
  private final Map<String, Column> columns = new HashMap<>();

  WordScores(List<ImageRecord> images) {
    this.images = images;
    try (Analyzer analyzer = TextAnalysis.analyzer()) {
      for (String field : TextAnalysis.WEIGHTS.keySet()) {
        columns.put(field, column(analyzer, field));
      }
    }
  }

  private Column column(Analyzer analyzer, String field) {
    List<Map<String, Integer>> counts = new ArrayList<>();
    List<Integer> lengths = new ArrayList<>();
    for (ImageRecord image : images) {
      Map<String, Integer> terms = new HashMap<>();
      int length = 0;
      for (String text : TextAnalysis.texts(image, field)) {
        for (String term : TextAnalysis.terms(analyzer, field, text)) {
          terms.merge(term, 1, Integer::sum);
          length++;
        }
      }
      counts.add(terms);
      lengths.add(length);
    }
    double mean = lengths.stream().filter(n -> n > 0).mapToInt(n -> n).average().orElse(1);
    return new Column(counts, lengths, mean);
  }

  /// All images that hold a word of `text`, best first, ties by id.
  List<TextHit> search(String text) {
    double[] scores = new double[images.size()];
    try (Analyzer analyzer = TextAnalysis.analyzer()) {
      columns.forEach((field, column) -> {
        double weight = TextAnalysis.WEIGHTS.getOrDefault(field, 0f);
        for (String term : new HashSet<>(TextAnalysis.terms(analyzer, field, text))) {
          double inverseFrequency = column.inverseFrequency(term);
          for (int i = 0; i < scores.length; i++) {
            scores[i] += weight * column.score(i, term, inverseFrequency);
          }
        }
      });
    }
    List<TextHit> hits = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] > 0) {
        hits.add(new TextHit(images.get(i), scores[i]));
      }
    }
    hits.sort(ORDER);
    return hits;
  }

  /// What each field gives to the score of one image; those that give nothing are left out.
  Map<String, Double> scores(String text, ImageId id) {
    Map<String, Double> scores = new TreeMap<>();
    int at = images.stream().map(ImageRecord::id).toList().indexOf(id);
    if (at < 0) {
      return scores;
    }
    try (Analyzer analyzer = TextAnalysis.analyzer()) {
      columns.forEach((field, column) -> {
        double sum = 0;
        for (String term : new HashSet<>(TextAnalysis.terms(analyzer, field, text))) {
          sum += column.score(at, term, column.inverseFrequency(term));
        }
        if (sum > 0) {
          scores.put(field, sum * TextAnalysis.WEIGHTS.getOrDefault(field, 0f));
        }
      });
    }
    return scores;
  }
}
