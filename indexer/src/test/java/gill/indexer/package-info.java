@NullMarked
package gill.indexer;

import org.jspecify.annotations.NullMarked;
