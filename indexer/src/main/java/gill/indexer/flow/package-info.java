/// Every type that passes between the stages of an indexing job, in order: a source gives
/// [CorpusRow]s, each [CorpusEntry] becomes a [DecodedImage], then an [Embedding]; what cannot
/// becomes a [Failure], and all of it an [IndexingReport].
@NullMarked
package gill.indexer.flow;

import org.jspecify.annotations.NullMarked;
