/// A corpus on SolrCloud: the same questions as to a Lucene index, asked of servers. Nothing else
/// of the engine knows Solr.
@NullMarked
package gill.engine.retrieval.solr;

import org.jspecify.annotations.NullMarked;
