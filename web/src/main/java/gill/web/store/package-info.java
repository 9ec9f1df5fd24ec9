/// What survives a restart: one file of the state folder for small things, a folder for pictures.
@NullMarked
package gill.web.store;

import org.jspecify.annotations.NullMarked;
