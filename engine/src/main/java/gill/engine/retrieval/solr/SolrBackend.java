package gill.engine.retrieval.solr;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.Relevance;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CorpusView;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.ReadingBackend;
import gill.engine.retrieval.TextAnalysis;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;

/// Search in a collection of a SolrCloud that [SolrWriter] wrote.
///
/// Solr has no view that outlasts a request: [#read] looks before and after its questions whether a
/// commit overtook them, and asks again if so, at most [#MOST_TIMES] times. An alias may be pointed
/// at another collection meanwhile; one of another bundle is refused. While no node can answer,
/// every call throws [CorpusUnavailableException], within the place's time for reading.
public final class SolrBackend implements ReadingBackend {
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
  public IndexCalibration calibration() {
    calls.requireOpen();
    return latest.calibration();
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
