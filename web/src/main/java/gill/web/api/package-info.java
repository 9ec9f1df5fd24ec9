/// The HTTP API: requests are parsed into flow types, outputs become JSON views. Nothing here keeps
/// state but the conversations and the counters.
@NullMarked
package gill.web.api;

import org.jspecify.annotations.NullMarked;
