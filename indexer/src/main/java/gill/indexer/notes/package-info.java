/// What a job notes of the pictures themselves: figures of quality, and what classifiers say.
@NullMarked
package gill.indexer.notes;

import org.jspecify.annotations.NullMarked;
