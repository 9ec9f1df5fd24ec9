/// Corpus indexing jobs: read, decode, embed, write, report.
@NullMarked
package gill.indexer;

import org.jspecify.annotations.NullMarked;
