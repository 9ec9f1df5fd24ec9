@NullMarked
package gill.web.bench;

import org.jspecify.annotations.NullMarked;
