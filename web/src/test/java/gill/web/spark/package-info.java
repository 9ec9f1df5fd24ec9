/// The job on a real Spark, whose programs run as processes of their own. `./gill test --suite
/// cluster` installs Spark into the build.
@NullMarked
package gill.web.spark;

import org.jspecify.annotations.NullMarked;
