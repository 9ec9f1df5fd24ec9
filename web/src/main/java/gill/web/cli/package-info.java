/// The command line `gill`: the only place that prints, exits and uses the indexer.
@NullMarked
package gill.web.cli;

import org.jspecify.annotations.NullMarked;
