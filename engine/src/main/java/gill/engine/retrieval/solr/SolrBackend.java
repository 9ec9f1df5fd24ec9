package gill.engine.retrieval.solr;

import gill.engine.flow.Filter;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.flow.WordQuery;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CorpusView;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.TextAnalysis;
import gill.engine.retrieval.TextHit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;

/// Search in a collection of a SolrCloud that [SolrWriter] wrote.
///
/// Solr has no view that outlasts a request: [#read] looks before and after its questions whether a
/// commit overtook them, and asks again if so, at most [#MOST_TIMES] times. An alias may be pointed
/// at another collection meanwhile; one of another bundle is refused. While no node can answer,
/// every call throws [CorpusUnavailableException], within the place's time for reading.
public final class SolrBackend implements SearchBackend {
  private static final int MOST_TIMES = 3;

  private final SolrCalls calls;
  private final BundleStamp bundle;
  private final Relevance relevance;
  private final Analyzer analyzer = TextAnalysis.analyzer();
  private volatile SolrFacts latest;

  private SolrBackend(SolrCalls calls, BundleStamp bundle, Relevance relevance) {
    this.calls = calls;
    this.bundle = bundle;
    this.relevance = relevance;
    this.latest =
        new SolrFacts(calls, SolrState.read(calls).requireBundle(calls.place(), bundle), relevance);
  }

  /// Opens a collection for a bundle. Throws [IndexException] if there is none, or not one of ours,
  /// or of another bundle; [CorpusUnavailableException] if no node can be reached.
  public static SolrBackend open(SolrPlace place, BundleStamp bundle) {
    return open(place, bundle, Relevance.UNKNOWN);
  }

  /// As [#open(SolrPlace, BundleStamp)], for a bundle that brings its own curves.
  public static SolrBackend open(SolrPlace place, BundleStamp bundle, Relevance relevance) {
    SolrCalls calls = SolrCalls.open(place);
    try {
      return new SolrBackend(calls, bundle, relevance);
    } catch (RuntimeException e) {
      calls.close();
      throw e;
    }
  }

  @Override
  public <T> T read(Function<CorpusView, T> questions) {
    SolrFacts facts = facts();
    for (int times = 1; ; times++) {
      T answer = questions.apply(new SolrView(calls, facts, analyzer));
      SolrFacts now = facts();
      if (now == facts || times == MOST_TIMES) {
        return answer;
      }
      facts = now;
    }
  }

  /// Of the present state.
  private SolrFacts facts() {
    SolrState state = SolrState.read(calls);
    SolrFacts known = latest;
    if (!known.state().equals(state)) {
      known = new SolrFacts(calls, state.requireBundle(calls.place(), bundle), relevance);
      latest = known;
    }
    return known;
  }

  @Override
  public Hits search(RetrievalQuery query) {
    return read(view -> view.search(query));
  }

  @Override
  public MatchScale scale(QueryKind kind, UnitVector query) {
    return read(view -> view.scale(kind, query));
  }

  @Override
  public IndexCalibration calibration() {
    calls.requireOpen();
    return latest.calibration();
  }

  @Override
  public List<ImageRecord> sample(int limit) {
    return read(view -> view.sample(limit));
  }

  @Override
  public List<TextHit> searchText(WordQuery query) {
    return read(view -> view.searchText(query));
  }

  @Override
  public Map<String, Double> wordScores(String text, String language, ImageId image) {
    return read(view -> view.wordScores(text, language, image));
  }

  @Override
  public Map<ImageId, UnitVector> vectors(VectorField field, Collection<ImageId> images) {
    return read(view -> view.vectors(field, images));
  }

  @Override
  public List<ValueCount> count(String field, Filter filter) {
    return read(view -> view.count(field, filter));
  }

  @Override
  public Set<String> filterFields() {
    return read(CorpusView::filterFields);
  }

  @Override
  public String state() {
    return read(CorpusView::state);
  }

  @Override
  public Optional<ImageRecord> find(ImageId id) {
    return read(view -> view.find(id));
  }

  @Override
  public int size() {
    return read(CorpusView::size);
  }

  @Override
  public IndexHeader header() {
    return latest.state().header();
  }

  @Override
  public void close() {
    try (calls) {
      analyzer.close();
    }
  }
}
