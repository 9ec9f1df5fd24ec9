/// What a job writes while it runs: its journal, from which a broken-off job goes on.
@NullMarked
package gill.indexer.write;

import org.jspecify.annotations.NullMarked;
