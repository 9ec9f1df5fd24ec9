/// Puts a server under load over HTTP and measures how it answers.
@NullMarked
package gill.web.load;

import org.jspecify.annotations.NullMarked;
