@NullMarked
package gill.engine.retrieval;

import org.jspecify.annotations.NullMarked;
