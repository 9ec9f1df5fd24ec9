/// What a job did, for people to look at.
@NullMarked
package gill.indexer.report;

import org.jspecify.annotations.NullMarked;
