@NullMarked
package gill.langchain4j;

import org.jspecify.annotations.NullMarked;
