/// The evaluation: runs a bundle over an index on held-out cases and measures what comes back, with
/// baselines that do without the language model. Cases lie in `index-data/eval`, written by `python
/// -m gill_training eval-data`; results are [gill.engine.eval.Measure]s, which
/// [gill.engine.eval.Report] writes as JSON and Markdown.
@NullMarked
package gill.engine.eval;

import org.jspecify.annotations.NullMarked;
