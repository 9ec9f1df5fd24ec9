package gill.engine.retrieval;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherFactory;
import org.jspecify.annotations.Nullable;

/// Lets no commit of another bundle in.
final class SameBundle extends SearcherFactory {
  private final Path index;
  private final BundleStamp bundle;

  SameBundle(Path index, BundleStamp bundle) {
    this.index = index;
    this.bundle = bundle;
  }

  @Override
  public IndexSearcher newSearcher(IndexReader reader, @Nullable IndexReader previous)
      throws IOException {
    var data = ((DirectoryReader) reader).getIndexCommit().getUserData();
    IndexFaults.requireSameBundle(index, CommitData.header(index, data).bundle(), bundle);
    return super.newSearcher(reader, previous);
  }
}
