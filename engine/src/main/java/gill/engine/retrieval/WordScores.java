package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.TextAnalysis.Reading;
import gill.engine.retrieval.WordPlan.Meaning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.util.SmallFloat;

/// BM25F in heap, from the formula (k1 = 1.2, b = 0.75; Robertson, Zaragoza and Taylor 2004), for
/// [ExactBackend].
final class WordScores {
  private static final double K1 = 1.2;
  private static final double B = 0.75;
  private static final Comparator<TextHit> ORDER =
      Comparator.comparingDouble(TextHit::score).reversed().thenComparing(hit -> hit.image().id());

  /// One field of all images.
  ///
  /// @param counts how often each term is in each image, which may be never
  private record Column(List<Map<String, Integer>> counts, int[] lengths, long images, long total) {
    static Column of(List<Map<String, Integer>> counts) {
      int[] lengths =
          counts.stream()
              .mapToInt(terms -> terms.values().stream().mapToInt(n -> n).sum())
              .toArray();
      return new Column(
          counts,
          lengths,
          Arrays.stream(lengths).filter(length -> length > 0).count(),
          Arrays.stream(lengths).asLongStream().sum());
    }

    int count(int image, String term) {
      return counts.get(image).getOrDefault(term, 0);
    }

    long images(String term) {
      return counts.stream().filter(terms -> terms.containsKey(term)).count();
    }
  }

  private final List<ImageRecord> images;
  private final Map<String, Column> columns = new TreeMap<>();

  WordScores(List<ImageRecord> images) {
    this.images = images;
    Map<String, List<Map<String, Integer>>> counts = new TreeMap<>();
    try (Analyzer analyzer = TextAnalysis.analyzer()) {
      for (int i = 0; i < images.size(); i++) {
        for (var texts : TextAnalysis.texts(images.get(i)).entrySet()) {
          String field = texts.getKey();
          Map<String, Integer> terms = counts.computeIfAbsent(field, _ -> noTerms()).get(i);
          for (String text : texts.getValue()) {
            TextAnalysis.terms(analyzer, field, text)
                .forEach(term -> terms.merge(term, 1, Integer::sum));
          }
        }
      }
    }
    counts.forEach((field, each) -> columns.put(field, Column.of(each)));
  }

  private List<Map<String, Integer>> noTerms() {
    return images.stream().<Map<String, Integer>>map(_ -> new TreeMap<>()).toList();
  }

  private Column column(String field) {
    return Objects.requireNonNull(columns.get(field));
  }

  private WordPlan plan(String text, String language) {
    try (Analyzer analyzer = TextAnalysis.analyzer()) {
      return WordPlan.of(
          text, TextAnalysis.readings(columns.keySet(), language), analyzer, new HeapStatistics());
    } catch (IOException e) {
      throw new UncheckedIOException("counting words in heap", e);
    }
  }

  /// All images that hold a word of `text`, best first, ties by id.
  List<TextHit> search(String text, String language) {
    WordPlan plan = plan(text, language);
    List<TextHit> hits = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      double score = sum(scores(plan, i));
      if (score > 0) {
        hits.add(new TextHit(images.get(i), score));
      }
    }
    hits.sort(ORDER);
    return hits;
  }

  /// What each field gives to the score of one image; those that give nothing are left out.
  Map<String, Double> scores(String text, String language, ImageId id) {
    int at = images.stream().map(ImageRecord::id).toList().indexOf(id);
    return at < 0 ? Map.of() : scores(plan(text, language), at);
  }

  private Map<String, Double> scores(WordPlan plan, int image) {
    Map<String, Double> scores = new TreeMap<>();
    for (List<Meaning> word : plan.words()) {
      word.stream()
          .map(meaning -> shares(meaning, image))
          .max(Comparator.comparingDouble(WordScores::sum))
          .ifPresent(
              best -> best.forEach((field, share) -> scores.merge(field, share, Double::sum)));
    }
    return scores;
  }

  private static double sum(Map<String, Double> shares) {
    return shares.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private Map<String, Double> shares(Meaning meaning, int image) {
    Reading reading = meaning.reading();
    double total = 0;
    double length = 0;
    long texts = 0;
    for (var field : reading.weights().entrySet()) {
      Column column = column(field.getKey());
      texts = Math.max(texts, column.images());
      total += field.getValue() * column.total();
      length += field.getValue() * column.lengths()[image];
    }
    double norm = K1 * (1 - B + B * asStored(length) / (total / texts));
    Map<String, Double> shares = new TreeMap<>();
    for (String term : meaning.terms()) {
      Map<String, Double> counts = new TreeMap<>();
      reading
          .weights()
          .forEach((field, weight) -> {
            int count = column(field).count(image, term);
            if (count > 0) {
              counts.put(field, (double) weight * count);
            }
          });
      double all = sum(counts);
      counts.forEach((field, count) ->
          shares.merge(
              field, meaning.scale() * rarity(reading, term) * count / (all + norm), Double::sum));
    }
    return shares;
  }

  /// Lucene keeps a text's length in a byte, exactly up to 40.
  private static int asStored(double length) {
    return SmallFloat.byte4ToInt(SmallFloat.intToByte4((int) Math.round(length)));
  }

  private double rarity(Reading reading, String term) {
    try {
      return WordPlan.rarity(reading, term, new HeapStatistics());
    } catch (IOException e) {
      throw new UncheckedIOException("counting words in heap", e);
    }
  }

  private final class HeapStatistics implements WordPlan.Statistics {
    @Override
    public long images(String field) {
      return column(field).images();
    }

    @Override
    public long images(String field, String term) {
      return column(field).images(term);
    }
  }
}
