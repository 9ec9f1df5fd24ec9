/// Which images repeat earlier ones.
@NullMarked
package gill.indexer.duplicates;

import org.jspecify.annotations.NullMarked;
