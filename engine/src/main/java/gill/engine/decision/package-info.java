/// Whether an answer's image is retrieved or generated (paper §3.4): the evidence both searches
/// give, the bundle's head over it and the [IMG] token, and the reason in words.
@NullMarked
package gill.engine.decision;

import org.jspecify.annotations.NullMarked;
