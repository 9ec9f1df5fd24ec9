/// What can go wrong beyond an expected outcome: a broken bundle, a broken index, failing
/// inference.
@NullMarked
package gill.engine.fault;

import org.jspecify.annotations.NullMarked;
