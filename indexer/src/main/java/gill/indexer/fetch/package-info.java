/// Pictures from the network, politely and within bounds.
@NullMarked
package gill.indexer.fetch;

import org.jspecify.annotations.NullMarked;
