/// Tests of the command line.
@NullMarked
package gill.web.cli;

import org.jspecify.annotations.NullMarked;
