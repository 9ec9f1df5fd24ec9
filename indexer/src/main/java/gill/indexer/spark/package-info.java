/// Indexing jobs on Apache Spark: the only package that knows it. Spark itself is not shipped.
@NullMarked
package gill.indexer.spark;

import org.jspecify.annotations.NullMarked;
