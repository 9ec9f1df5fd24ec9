/// GILL's trained heads over the hidden states of the [IMG] tokens (paper §3.2 and §3.3).
@NullMarked
package gill.engine.mapper;

import org.jspecify.annotations.NullMarked;
