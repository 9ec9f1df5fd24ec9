package gill.engine.eval;

import java.nio.file.Path;

/// How an evaluation is run.
///
/// @param data folder of the cases and probes, `index-data/eval`
/// @param out folder of the results, made if needed
/// @param limit at most so many cases of a kind; 0 = all
/// @param seed of picture seeds and of the bootstrap
public record EvalOptions(Path data, Path out, int limit, long seed) {
  public EvalOptions {
    if (limit < 0) {
      throw new IllegalArgumentException("limit must be 0 (= all) or more, got " + limit);
    }
  }
}
