/// An index's contents in other tools' formats.
@NullMarked
package gill.indexer.export;

import org.jspecify.annotations.NullMarked;
