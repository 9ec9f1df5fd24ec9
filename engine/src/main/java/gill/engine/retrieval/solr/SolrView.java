package gill.engine.retrieval.solr;

import gill.engine.flow.Effort;
import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
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
import gill.engine.retrieval.CorpusView;
import gill.engine.retrieval.FilterFields;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.ScoredId;
import gill.engine.retrieval.TextHit;
import gill.engine.retrieval.ValueCounts;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.lucene.analysis.Analyzer;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.params.ModifiableSolrParams;

/// A collection as it is now, read with the facts of one of its states.
record SolrView(SolrCalls calls, SolrFacts facts, Analyzer analyzer) implements CorpusView {
  /// Candidates of each shard's graph: so many for each hit, at least so many.
  private static final int PER_HIT = 5;

  private static final int FEWEST = 200;

  /// More than are wanted: Solr's scores, of single precision, may put equals in another order.
  private static final int MORE = 10;

  private static final int AT_ONCE = 1000;
  private static final Comparator<Hit> ORDER =
      Comparator.comparingDouble(Hit::score).reversed().thenComparing(Hit::id);
  private static final Comparator<ScoredId> ID_ORDER =
      Comparator.comparingDouble(ScoredId::score).reversed().thenComparing(ScoredId::id);

  @Override
  public Hits search(RetrievalQuery query) {
    MatchScale scale = scale(query.kind(), query.vector());
    return new Hits(
        documents(query, "record.*").stream()
            .map(document -> {
              double cosine = cosine(query, document);
              return new Hit(SolrLayout.record(document), cosine, scale.pMatch(cosine));
            })
            .sorted(ORDER)
            .limit(query.limit())
            .toList());
  }

  @Override
  public List<ScoredId> nearest(RetrievalQuery query) {
    header().requireDimension(query.field(), query.vector());
    return documents(query, "id").stream()
        .map(document ->
            new ScoredId(
                new ImageId(String.valueOf(document.getFirstValue("id"))), cosine(query, document)))
        .sorted(ID_ORDER)
        .limit(query.limit())
        .toList();
  }

  /// The nearest and a few more, with these fields and the vector.
  private List<SolrDocument> documents(RetrievalQuery query, String fields) {
    ModifiableSolrParams question = new ModifiableSolrParams();
    question.set(
        "q",
        "{!knn f=%s topK=%d}%s"
            .formatted(SolrLayout.field(query.field()), candidates(query), text(query.vector())));
    new FilterParams(question).add(query.filter(), query.excluded());
    question.set("rows", query.limit() + MORE);
    question.set("sort", "score desc,id asc");
    question.set("fl", fields + "," + SolrLayout.bytes(query.field()));
    return calls.query(question).getResults();
  }

  private static double cosine(RetrievalQuery query, SolrDocument document) {
    return query.vector().cosine(SolrLayout.vector(document, query.field()));
  }

  private static int candidates(RetrievalQuery query) {
    Effort effort = query.effort();
    int usual = Math.max(query.limit() * PER_HIT, FEWEST);
    int compared = query.limit() * Math.max(1, effort.oversample()) + MORE;
    return Math.max(effort.ef() > 0 ? effort.ef() : usual, compared);
  }

  private static String text(UnitVector vector) {
    StringBuilder text = new StringBuilder("[");
    for (float value : vector.toArray()) {
      text.append(text.length() == 1 ? "" : ",").append(value);
    }
    return text.append(']').toString();
  }

  @Override
  public MatchScale scale(QueryKind kind, UnitVector query) {
    header().requireDimension(kind.field(), query);
    return facts.scale(kind, query);
  }

  @Override
  public IndexCalibration calibration() {
    return facts.calibration();
  }

  @Override
  public List<ImageRecord> sample(int limit) {
    return SolrFacts.lowest(calls, limit, "record.*").stream().map(SolrLayout::record).toList();
  }

  @Override
  public List<TextHit> searchText(WordQuery query) {
    return facts.words(query.text(), query.language(), analyzer).search(query);
  }

  @Override
  public Map<String, Double> wordScores(String text, String language, ImageId image) {
    return find(image).map(it -> facts.words(text, language, analyzer).scores(it)).orElse(Map.of());
  }

  @Override
  public Map<ImageId, UnitVector> vectors(VectorField field, Collection<ImageId> images) {
    Map<ImageId, UnitVector> vectors = new HashMap<>();
    List<ImageId> ids = images.stream().distinct().toList();
    for (int from = 0; from < ids.size(); from += AT_ONCE) {
      List<ImageId> some = ids.subList(from, Math.min(from + AT_ONCE, ids.size()));
      for (SolrDocument document : byId(some, "id," + SolrLayout.bytes(field))) {
        vectors.put(
            new ImageId(String.valueOf(document.getFirstValue("id"))),
            SolrLayout.vector(document, field));
      }
    }
    return vectors;
  }

  @Override
  public Map<ImageId, ImageRecord> records(Collection<ImageId> images) {
    Map<ImageId, ImageRecord> records = new HashMap<>();
    List<ImageId> ids = images.stream().distinct().toList();
    for (int from = 0; from < ids.size(); from += AT_ONCE) {
      List<ImageId> some = ids.subList(from, Math.min(from + AT_ONCE, ids.size()));
      for (SolrDocument document : byId(some, "record.*")) {
        ImageRecord record = SolrLayout.record(document);
        records.put(record.id(), record);
      }
    }
    return records;
  }

  private List<SolrDocument> byId(Collection<ImageId> ids, String fields) {
    ModifiableSolrParams question = new ModifiableSolrParams();
    question.set(
        "q",
        new FilterParams(question)
            .of(new Filter.In("id", ids.stream().map(ImageId::value).toList())));
    question.set("rows", ids.size());
    question.set("fq", "kind:image");
    question.set("fl", fields);
    return calls.query(question).getResults();
  }

  @Override
  public List<ValueCount> count(String field, Filter filter) {
    FilterFields.requireText(field);
    ModifiableSolrParams question = SolrFacts.all();
    new FilterParams(question).add(filter, Set.of());
    return ValueCounts.inOrder(
        SolrFacets.values(calls, question, SolrLayout.textField(field), "").stream()
            .collect(
                Collectors.toMap(
                    bucket -> String.valueOf(bucket.getVal()),
                    bucket -> Math.toIntExact(bucket.getCount()))));
  }

  @Override
  public Set<String> filterFields() {
    return facts.filterFields();
  }

  @Override
  public String state() {
    return facts.state().generation();
  }

  @Override
  public Optional<ImageRecord> find(ImageId id) {
    return byId(List.of(id), "record.*").stream().findFirst().map(SolrLayout::record);
  }

  /// At most 2^31 - 1 are counted.
  @Override
  public int size() {
    return SolrFacts.images(calls);
  }

  @Override
  public IndexHeader header() {
    return facts.state().header();
  }
}
