@NullMarked
package gill.indexer.fetch;

import org.jspecify.annotations.NullMarked;
