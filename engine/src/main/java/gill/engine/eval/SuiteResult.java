package gill.engine.eval;

import java.util.List;

/// What one suite found.
///
/// @param key what the result depends on (bundle, index, cases, limit, seed); a result of another
///   key is not taken over
/// @param blocks Markdown that is no table of measures, e.g. transcripts or a confusion matrix
/// @param pictures files written beside the report
/// @param seconds of wall time
public record SuiteResult(
    String suite,
    String key,
    List<Measure> measures,
    List<String> blocks,
    List<String> pictures,
    double seconds) {
  public SuiteResult {
    measures = List.copyOf(measures);
    blocks = List.copyOf(blocks);
    pictures = List.copyOf(pictures);
  }
}
