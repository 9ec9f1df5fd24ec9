@NullMarked
package gill.indexer.duplicates;

import org.jspecify.annotations.NullMarked;
