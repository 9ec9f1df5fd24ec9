@NullMarked
package gill.indexer.read;

import org.jspecify.annotations.NullMarked;
