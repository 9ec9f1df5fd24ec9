package gill.engine.retrieval;

import gill.engine.flow.ImageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.PerFieldAnalyzerWrapper;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/// How words are found: which fields hold words, what each counts, and how text becomes terms.
///
/// Captions and keywords are English (stemmed, stop words left out); names are of any language
/// (split at Unicode word bounds, accents folded).
final class TextAnalysis {
  static final String CAPTION = "caption";
  static final String KEYWORDS = "keywords";
  static final String NAMES = "names";

  /// The fields and the weight of a match in each.
  static final Map<String, Float> WEIGHTS = Map.of(CAPTION, 3f, KEYWORDS, 1f, NAMES, 1f);

  private TextAnalysis() {}

  static Analyzer analyzer() {
    return new PerFieldAnalyzerWrapper(new EnglishAnalyzer(), Map.of(NAMES, new NameAnalyzer()));
  }

  /// The texts of one field of a record.
  static List<String> texts(ImageRecord image, String field) {
    return switch (field) {
      case CAPTION -> List.of(image.caption());
      case KEYWORDS -> image.keywords();
      case NAMES -> List.copyOf(image.names().values());
      default -> throw new IllegalArgumentException("no text field: " + field);
    };
  }

  static List<String> terms(Analyzer analyzer, String field, String text) {
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

  private static final class NameAnalyzer extends Analyzer {
    @Override
    protected TokenStreamComponents createComponents(String fieldName) {
      Tokenizer tokens = new StandardTokenizer();
      return new TokenStreamComponents(tokens, new ASCIIFoldingFilter(new LowerCaseFilter(tokens)));
    }

    @Override
    protected TokenStream normalize(String fieldName, TokenStream in) {
      return new ASCIIFoldingFilter(new LowerCaseFilter(in));
    }
  }
}
