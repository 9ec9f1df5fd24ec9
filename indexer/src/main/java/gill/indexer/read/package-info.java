/// Where images come from, and the files a job leaves behind.
@NullMarked
package gill.indexer.read;

import org.jspecify.annotations.NullMarked;
