/// Who may ask what, and how often: API keys and rate limits.
@NullMarked
package gill.web.access;

import org.jspecify.annotations.NullMarked;
