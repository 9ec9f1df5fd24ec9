package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
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

/// BM25F in heap, for [ExactBackend].
final class WordScores {
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
  private final WordFormula formula = new WordFormula(new HeapStatistics());

  WordScores(List<ImageRecord> images) {
    this.images = images;
    Map<String, List<Map<String, Integer>>> counts = new TreeMap<>();
    try (Analyzer analyzer = TextAnalysis.analyzer()) {
      for (int i = 0; i < images.size(); i++) {
        for (var texts : TextAnalysis.texts(images.get(i)).entrySet()) {
          String field = texts.getKey();
          counts
              .computeIfAbsent(field, _ -> noTerms())
              .set(i, WordFormula.Texts.counts(field, texts.getValue(), analyzer));
        }
      }
    }
    counts.forEach((field, each) -> columns.put(field, Column.of(each)));
  }

  private List<Map<String, Integer>> noTerms() {
    return new ArrayList<>(images.stream().<Map<String, Integer>>map(_ -> Map.of()).toList());
  }

  private Column column(String field) {
    return Objects.requireNonNull(columns.get(field));
  }

  private WordPlan plan(String text, String language) {
    try (Analyzer analyzer = TextAnalysis.analyzer()) {
      return WordPlan.of(
          text, TextAnalysis.readings(columns.keySet(), language), analyzer, formula.corpus());
    } catch (IOException e) {
      throw new UncheckedIOException("counting words in heap", e);
    }
  }

  /// All images that hold a word of `text`, best first, ties by id.
  List<TextHit> search(String text, String language) {
    WordPlan plan = plan(text, language);
    List<TextHit> hits = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      double score = WordFormula.sum(scores(plan, i));
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
    try {
      return formula.scores(
          plan,
          new WordFormula.Texts() {
            @Override
            public int count(String field, String term) {
              return column(field).count(image, term);
            }

            @Override
            public int length(String field) {
              return column(field).lengths()[image];
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("counting words in heap", e);
    }
  }

  private final class HeapStatistics implements WordFormula.Corpus {
    @Override
    public long images(String field) {
      return column(field).images();
    }

    @Override
    public long images(String field, String term) {
      return column(field).images(term);
    }

    @Override
    public long terms(String field) {
      return column(field).total();
    }
  }
}
