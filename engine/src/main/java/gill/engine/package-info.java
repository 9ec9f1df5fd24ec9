/// Text and images in, text with retrieved and generated images out.
@NullMarked
package gill.engine;

import org.jspecify.annotations.NullMarked;
