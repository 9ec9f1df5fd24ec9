package gill.engine.retrieval;

import gill.engine.flow.ImageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.AnalyzerWrapper;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.bg.BulgarianAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cz.CzechAnalyzer;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.el.GreekAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fa.PersianAnalyzer;
import org.apache.lucene.analysis.fi.FinnishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.hi.HindiAnalyzer;
import org.apache.lucene.analysis.hu.HungarianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.NorwegianAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.sv.SwedishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;

/// How words are found: which fields hold words, in which language, what each counts, and how text
/// becomes terms.
///
/// Caption and keywords are English; each language's names are a field of their own. A field is
/// read by its language's analyzer (stems, stop words; overlapping pairs of characters in Chinese,
/// Japanese and Korean), a language without one is split at Unicode word bounds. Accents are folded
/// after that, so that who types without them finds the same.
public final class TextAnalysis {
  public static final String CAPTION = "caption";
  public static final String KEYWORDS = "keywords";

  /// Names are in `names.<tag>`, the tag in lower case.
  static final String NAMES = "names.";

  private static final String ENGLISH = "en";
  private static final float TITLE = 3;
  private static final Set<String> PAIRS = Set.of("zh", "ja", "ko");

  private TextAnalysis() {}

  /// The text fields of one language: together they are what BM25F reads as one text.
  ///
  /// @param weights a word in a field counts as often as its weight says
  public record Reading(String language, Map<String, Float> weights) {}

  /// Close it after use.
  public static Analyzer analyzer() {
    return new FoldingAnalyzer();
  }

  /// The texts of a record, by field.
  public static Map<String, List<String>> texts(ImageRecord image) {
    Map<String, List<String>> texts = new TreeMap<>();
    texts.put(CAPTION, List.of(image.caption()));
    texts.put(KEYWORDS, image.keywords());
    image
        .names()
        .forEach((tag, name) ->
            texts
                .computeIfAbsent(NAMES + tag.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                .add(name));
    return texts;
  }

  static boolean isText(String field) {
    return field.equals(CAPTION) || field.equals(KEYWORDS) || field.startsWith(NAMES);
  }

  /// The languages that an index's fields can be read in.
  ///
  /// @param fields all fields of the index; those without text are passed over
  /// @param language a BCP 47 tag of which the first part counts; empty = every language
  public static List<Reading> readings(Collection<String> fields, String language) {
    Map<String, Map<String, Float>> byLanguage = new TreeMap<>();
    for (String field : fields) {
      if (isText(field) && (language.isEmpty() || primary(language).equals(languageOf(field)))) {
        byLanguage
            .computeIfAbsent(languageOf(field), _ -> new TreeMap<>())
            .put(field, field.equals(KEYWORDS) ? 1 : TITLE);
      }
    }
    return byLanguage.entrySet().stream()
        .map(entry -> new Reading(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static String languageOf(String field) {
    return field.startsWith(NAMES) ? primary(field.substring(NAMES.length())) : ENGLISH;
  }

  /// The language of a BCP 47 tag: `pt` of `pt-BR`.
  private static String primary(String tag) {
    return tag.toLowerCase(Locale.ROOT).split("[-_]", 2)[0];
  }

  /// The distinct terms of a text, in its order.
  public static List<String> terms(Analyzer analyzer, String field, String text) {
    List<String> terms = new ArrayList<>();
    try (TokenStream stream = analyzer.tokenStream(field, text)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        terms.add(term.toString());
      }
      stream.end();
    } catch (IOException e) {
      throw new UncheckedIOException("analysing a string", e);
    }
    return terms;
  }

  private static final class FoldingAnalyzer extends AnalyzerWrapper {
    private final Analyzer plain = new StandardAnalyzer();
    private final Analyzer pairs = new CJKAnalyzer();
    private final Map<String, Analyzer> byLanguage =
        Map.ofEntries(
            Map.entry("ar", new ArabicAnalyzer()),
            Map.entry("bg", new BulgarianAnalyzer()),
            Map.entry("cs", new CzechAnalyzer()),
            Map.entry("da", new DanishAnalyzer()),
            Map.entry("de", new GermanAnalyzer()),
            Map.entry("el", new GreekAnalyzer()),
            Map.entry(ENGLISH, new EnglishAnalyzer()),
            Map.entry("es", new SpanishAnalyzer()),
            Map.entry("fa", new PersianAnalyzer()),
            Map.entry("fi", new FinnishAnalyzer()),
            Map.entry("fr", new FrenchAnalyzer()),
            Map.entry("hi", new HindiAnalyzer()),
            Map.entry("hu", new HungarianAnalyzer()),
            Map.entry("it", new ItalianAnalyzer()),
            Map.entry("nl", new DutchAnalyzer()),
            Map.entry("no", new NorwegianAnalyzer()),
            Map.entry("pt", new PortugueseAnalyzer()),
            Map.entry("ro", new RomanianAnalyzer()),
            Map.entry("ru", new RussianAnalyzer()),
            Map.entry("sv", new SwedishAnalyzer()),
            Map.entry("tr", new TurkishAnalyzer()));

    FoldingAnalyzer() {
      super(PER_FIELD_REUSE_STRATEGY);
    }

    @Override
    protected Analyzer getWrappedAnalyzer(String field) {
      String language = languageOf(field);
      return PAIRS.contains(language) ? pairs : byLanguage.getOrDefault(language, plain);
    }

    @Override
    protected TokenStreamComponents wrapComponents(String field, TokenStreamComponents components) {
      return new TokenStreamComponents(
          components.getSource(), new ASCIIFoldingFilter(components.getTokenStream()));
    }

    @Override
    protected TokenStream wrapTokenStreamForNormalization(String field, TokenStream in) {
      return new ASCIIFoldingFilter(in);
    }

    @Override
    public void close() {
      super.close();
      plain.close();
      pairs.close();
      byLanguage.values().forEach(Analyzer::close);
    }
  }
}
