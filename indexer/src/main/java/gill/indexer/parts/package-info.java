/// A job cut into parts that processes elsewhere deal with: what one part's work is, how the parts
/// lie in their folder, and how they become one index. Nothing here knows who runs the work.
@NullMarked
package gill.indexer.parts;

import org.jspecify.annotations.NullMarked;
