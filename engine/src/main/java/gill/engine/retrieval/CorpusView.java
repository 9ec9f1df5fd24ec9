package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What can be asked of a corpus of images. Safe for use by many threads.
public interface CorpusView {
  /// The images nearest to a vector, best first, ties by id; scores are exact cosines. Fewer than
  /// `limit` only if there are no more images. Throws [IllegalArgumentException] if the vector's
  /// dimension is not the field's. `p_match` is [#scale]'s.
  Hits search(RetrievalQuery query);

  /// How a query's cosines are read: from a cosine to z and `p_match`. Throws
  /// [IllegalArgumentException] if the vector's dimension is not the field's.
  MatchScale scale(QueryKind kind, UnitVector query);

  /// What was fitted to this index and holds under its reader's bundle.
  IndexCalibration calibration();

  /// The images whose ids have the lowest hashes, lowest first: a sample that depends on the ids
  /// alone.
  List<ImageRecord> sample(int limit);

  /// The images whose caption, keywords or names hold words of the text, best BM25F first, ties by
  /// id. Empty if no word occurs.
  List<TextHit> searchText(WordQuery query);

  /// [#search] without the records, which cost more than the search where many are ranked.
  default List<ScoredId> nearest(RetrievalQuery query) {
    return search(query).bestFirst().stream()
        .map(hit -> new ScoredId(hit.id(), hit.score()))
        .toList();
  }

  /// [#searchText] without the records.
  default List<ScoredId> worded(WordQuery query) {
    return searchText(query).stream()
        .map(hit -> new ScoredId(hit.image().id(), hit.score()))
        .toList();
  }

  /// The records of these images; ids that the index does not hold are left out.
  default Map<ImageId, ImageRecord> records(Collection<ImageId> images) {
    Map<ImageId, ImageRecord> records = new HashMap<>();
    images.forEach(id -> find(id).ifPresent(record -> records.put(id, record)));
    return records;
  }

  /// Of all images.
  default List<TextHit> searchText(String text, int limit, Set<ImageId> excluded) {
    return searchText(new WordQuery(text, "", limit, excluded, Filter.ALL));
  }

  /// What each text field gives to an image's BM25F for `text`; fields that give nothing are left
  /// out, and so is every field of an unknown image.
  Map<String, Double> wordScores(String text, String language, ImageId image);

  /// The vectors of these images; ids that the index does not hold are left out.
  Map<ImageId, UnitVector> vectors(VectorField field, Collection<ImageId> images);

  /// How often each value of a field occurs among the images that pass the filter: most frequent
  /// first, ties by value. Throws [IllegalArgumentException] for a field that is not of text.
  List<ValueCount> count(String field, Filter filter);

  /// The fields that a [Filter] may name here; see [FilterFields].
  Set<String> filterFields();

  /// Names the present content: two states of an index never share it.
  String state();

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
}
