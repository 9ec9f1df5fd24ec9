package gill.engine.retrieval;

import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.RetrievalQuery;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Search over a corpus of images. Safe for use by many threads.
///
/// After [#close] every call throws [IllegalStateException].
public interface SearchBackend extends AutoCloseable {
  /// The images nearest to a vector, best first, ties by id; scores are exact cosines. Fewer than
  /// `limit` only if there are no more images. Throws [IllegalArgumentException] if the vector's
  /// dimension is not the field's.
  Hits search(RetrievalQuery query);

  /// The images whose caption, keywords or names hold words of `text`, best BM25 first, ties by id.
  /// Empty if no word occurs.
  List<TextHit> searchText(String text, int limit, Set<ImageId> excluded);

  Optional<ImageRecord> find(ImageId id);

  /// Number of images.
  int size();

  IndexHeader header();

  /// Vision model and preprocessing of the bundle that made the vectors.
  default String fingerprint() {
    return header().bundle().fingerprint();
  }

  /// The folder that the records' relative locations start from.
  default Path imageRoot() {
    return header().imageRoot();
  }

  @Override
  void close();
}
