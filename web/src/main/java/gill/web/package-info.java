/// The HTTP server, the page and the command line.
@NullMarked
package gill.web;

import org.jspecify.annotations.NullMarked;
