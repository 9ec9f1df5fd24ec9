package gill.engine.retrieval;

import gill.engine.flow.Filter;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A backend that answers each single question by one [#read] of one state.
public interface ReadingBackend extends SearchBackend {
  @Override
  default Hits search(RetrievalQuery query) {
    return read(view -> view.search(query));
  }

  @Override
  default MatchScale scale(QueryKind kind, UnitVector query) {
    return read(view -> view.scale(kind, query));
  }

  @Override
  default List<ImageRecord> sample(int limit) {
    return read(view -> view.sample(limit));
  }

  @Override
  default List<TextHit> searchText(WordQuery query) {
    return read(view -> view.searchText(query));
  }

  @Override
  default Map<String, Double> wordScores(String text, String language, ImageId image) {
    return read(view -> view.wordScores(text, language, image));
  }

  @Override
  default Map<ImageId, UnitVector> vectors(VectorField field, Collection<ImageId> images) {
    return read(view -> view.vectors(field, images));
  }

  @Override
  default List<ValueCount> count(String field, Filter filter) {
    return read(view -> view.count(field, filter));
  }

  @Override
  default Set<String> filterFields() {
    return read(CorpusView::filterFields);
  }

  @Override
  default String state() {
    return read(CorpusView::state);
  }

  @Override
  default Optional<ImageRecord> find(ImageId id) {
    return read(view -> view.find(id));
  }

  @Override
  default int size() {
    return read(CorpusView::size);
  }
}
