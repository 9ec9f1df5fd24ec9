/// What the tests of all modules share.
@NullMarked
package gill.engine.testing;

import org.jspecify.annotations.NullMarked;
