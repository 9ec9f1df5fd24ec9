/// The language model's side: how a dialogue is written down for it, how it continues, when it asks
/// for an image (paper §3.1, §3.3).
@NullMarked
package gill.engine.llm;

import org.jspecify.annotations.NullMarked;
