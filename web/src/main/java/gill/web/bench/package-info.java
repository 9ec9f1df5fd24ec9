/// `gill bench search`: this search core and those of other libraries, side by side on the same
/// vectors.
@NullMarked
package gill.web.bench;

import org.jspecify.annotations.NullMarked;
