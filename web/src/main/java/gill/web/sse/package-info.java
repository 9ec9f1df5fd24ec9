/// Server-sent events and watching for clients that leave.
@NullMarked
package gill.web.sse;

import org.jspecify.annotations.NullMarked;
