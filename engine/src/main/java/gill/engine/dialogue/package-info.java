/// The straight line through the stages, and what a conversation remembers.
@NullMarked
package gill.engine.dialogue;

import org.jspecify.annotations.NullMarked;
