package gill.engine.retrieval.solr;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.FilterFields;
import gill.engine.retrieval.MatchSample;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.solr.client.solrj.response.json.BucketJsonFacet;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.jspecify.annotations.Nullable;

/// What of one state of a collection is asked for again and again: read when it is first needed.
/// Safe for use by many threads.
final class SolrFacts {
  /// A text field of all images.
  ///
  /// @param images that have a term in it
  /// @param terms of all of them, each time it occurs
  record TextField(long images, long terms) {}

  private record WordKey(String text, String language) {}

  /// Texts whose counts are kept: a search asks about one text many times.
  private static final int MOST_WORDS = 64;

  private final SolrCalls calls;
  private final SolrState state;
  private final Relevance bundle;
  private final IndexCalibration calibration;
  private @Nullable MatchSample sample;
  private @Nullable Map<String, TextField> texts;
  private @Nullable Set<String> filterFields;

  private final Map<WordKey, SolrWords> words =
      new LinkedHashMap<>(MOST_WORDS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<WordKey, SolrWords> eldest) {
          return size() > MOST_WORDS;
        }
      };

  SolrFacts(SolrCalls calls, SolrState state, Relevance bundle) {
    this.calls = calls;
    this.state = state;
    this.bundle = bundle;
    this.calibration = bundle.valid(state.calibration());
  }

  SolrState state() {
    return state;
  }

  IndexCalibration calibration() {
    return calibration;
  }

  MatchScale scale(QueryKind kind, UnitVector query) {
    return sample().scale(kind, query, calibration, bundle);
  }

  private synchronized MatchSample sample() {
    MatchSample known = sample;
    if (known == null) {
      Map<VectorField, List<UnitVector>> vectors = new EnumMap<>(VectorField.class);
      List<SolrDocument> rows =
          lowest(
              calls,
              MatchSample.SIZE,
              SolrLayout.bytes(VectorField.CLIP) + "," + SolrLayout.bytes(VectorField.GILL));
      for (VectorField field : VectorField.values()) {
        vectors.put(field, rows.stream().map(row -> SolrLayout.vector(row, field)).toList());
      }
      known = new MatchSample(vectors);
      sample = known;
    }
    return known;
  }

  /// The images of the lowest hashes, lowest first.
  static List<SolrDocument> lowest(SolrCalls calls, int limit, String fields) {
    ModifiableSolrParams question = all();
    question.set("rows", limit);
    question.set("sort", "hash asc,id asc");
    question.set("fl", fields);
    return calls.query(question).getResults();
  }

  /// A field of the document of this id; no document if there is none.
  static List<SolrDocument> one(SolrCalls calls, String id, String field) {
    ModifiableSolrParams question = new ModifiableSolrParams();
    question.set("q", "{!term f=id}" + id);
    question.set("fl", field);
    return calls.query(question).getResults();
  }

  /// The number of images that searches find; at most 2^31 - 1 are counted.
  static int images(SolrCalls calls) {
    ModifiableSolrParams count = all();
    count.set("rows", 0);
    return (int) Math.min(calls.query(count).getResults().getNumFound(), Integer.MAX_VALUE);
  }

  static ModifiableSolrParams all() {
    ModifiableSolrParams question = new ModifiableSolrParams();
    question.set("q", "*:*");
    question.add("fq", "kind:image");
    return question;
  }

  synchronized Map<String, TextField> texts() {
    Map<String, TextField> known = texts;
    if (known == null) {
      Map<String, Long> images = new LinkedHashMap<>();
      for (BucketJsonFacet bucket : SolrFacets.values(calls, all(), "texts", "")) {
        images.put(String.valueOf(bucket.getVal()), bucket.getCount());
      }
      List<String> fields = List.copyOf(images.keySet());
      List<Long> lengths =
          SolrFacets.sums(calls, fields.stream().map(it -> "length." + it).toList());
      known = new LinkedHashMap<>();
      for (int i = 0; i < fields.size(); i++) {
        String field = fields.get(i);
        known.put(field, new TextField(images.getOrDefault(field, 0L), lengths.get(i)));
      }
      texts = known;
    }
    return known;
  }

  /// How a text is looked for in this state.
  SolrWords words(String text, String language, Analyzer analyzer) {
    WordKey key = new WordKey(text, language);
    synchronized (words) {
      SolrWords known = words.get(key);
      if (known != null) {
        return known;
      }
    }
    SolrWords counted = new SolrWords(calls, this, analyzer, text, language);
    synchronized (words) {
      words.put(key, counted);
    }
    return counted;
  }

  synchronized Set<String> filterFields() {
    Set<String> known = filterFields;
    if (known == null) {
      known = FilterFields.fixed();
      List<String> keys = new ArrayList<>();
      SolrFacets.values(calls, all(), "keys", "").forEach(it -> keys.add("" + it.getVal()));
      keys.stream().map(key -> FilterFields.METADATA + key).forEach(known::add);
      filterFields = Set.copyOf(known);
    }
    return new java.util.TreeSet<>(known);
  }
}
