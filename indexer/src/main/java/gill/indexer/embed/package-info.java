/// From pictures to vectors.
@NullMarked
package gill.indexer.embed;

import org.jspecify.annotations.NullMarked;
