/// Search over the corpus: the index's format, its writer, and the backends that read it.
///
/// [gill.engine.retrieval.IndexFormat] is the format's specification. The reader and the writer
/// live here, whoever calls them, and nothing else of the program knows Lucene.
@NullMarked
package gill.engine.retrieval;

import org.jspecify.annotations.NullMarked;
