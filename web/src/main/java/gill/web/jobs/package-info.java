/// Work that outlasts its request: queues, records, progress, events, cancelling.
@NullMarked
package gill.web.jobs;

import org.jspecify.annotations.NullMarked;
