/// From files to pictures.
@NullMarked
package gill.indexer.decode;

import org.jspecify.annotations.NullMarked;
