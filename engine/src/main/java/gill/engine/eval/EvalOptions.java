package gill.engine.eval;

import java.nio.file.Path;

/// How an evaluation is run.
///
/// @param data folder of the cases and probes, `index-data/eval`
/// @param out folder of the results, made if needed
/// @param limits of cases
/// @param seed of picture seeds and of the bootstrap
public record EvalOptions(Path data, Path out, Limits limits, long seed) {}
