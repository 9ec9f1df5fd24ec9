package gill.engine.retrieval.solr;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.PictureHash;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.FilterFields;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.IndexedImage;
import gill.engine.retrieval.TakedownList;
import gill.engine.retrieval.TextAnalysis;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.lucene.analysis.Analyzer;
import org.apache.solr.client.solrj.request.AbstractUpdateRequest;
import org.apache.solr.client.solrj.request.UpdateRequest;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrInputDocument;

/// Writes a collection of a SolrCloud, which may be searched meanwhile.
///
/// When [#add] and [#remove] return, the change is in the logs of the shards' leader and replicas
/// and survives the loss of a node; searches find it after [#commit]. Whatever is repeated does no
/// harm, so a batch whose answer did not arrive is sent again until the place's time for writing is
/// over; then [CorpusUnavailableException] says so. Several writers may be at work at once. Safe
/// for use by many threads.
public final class SolrWriter implements AutoCloseable {
  private final SolrCalls calls;
  private final IndexHeader header;
  private final Analyzer analyzer = TextAnalysis.analyzer();
  private volatile IndexCalibration calibration;
  private volatile TakedownList forbidden;

  private SolrWriter(
      SolrCalls calls, IndexHeader header, IndexCalibration calibration, TakedownList forbidden) {
    this.calls = calls;
    this.header = header;
    this.calibration = calibration;
    this.forbidden = forbidden;
  }

  /// Makes a collection, empty and searchable at once. Throws [IndexException] if there is one of
  /// this name, or too few nodes.
  ///
  /// @param header its vector format counts for nothing: Solr keeps 32 bits a value
  public static SolrWriter create(SolrPlace place, SolrShape shape, IndexHeader header) {
    IndexHeader full =
        new IndexHeader(
            header.bundle(), header.clipDimension(), header.gillDimension(), header.imageRoot());
    SolrCalls calls = SolrCalls.open(place);
    try {
      new SolrCollections(calls).create(shape, full);
      SolrWriter writer =
          new SolrWriter(calls, full, IndexCalibration.NONE, new TakedownList(java.util.Set.of()));
      writer.commit();
      return writer;
    } catch (RuntimeException e) {
      calls.close();
      throw e;
    }
  }

  /// Opens a collection that is there. Throws as [SolrBackend#open].
  public static SolrWriter update(SolrPlace place, BundleStamp bundle) {
    return update(place, state -> state.requireBundle(place, bundle));
  }

  private static SolrWriter update(SolrPlace place, Consumer<SolrState> check) {
    SolrCalls calls = SolrCalls.open(place);
    try {
      SolrState state = SolrState.read(calls);
      check.accept(state);
      return new SolrWriter(calls, state.header(), state.calibration(), takedowns(calls));
    } catch (RuntimeException e) {
      calls.close();
      throw e;
    }
  }

  /// As [#update(SolrPlace, BundleStamp)], whatever bundle made the collection.
  public static SolrWriter update(SolrPlace place) {
    return update(place, state -> {});
  }

  private static TakedownList takedowns(SolrCalls calls) {
    List<String> lines = new ArrayList<>();
    for (SolrDocument document : SolrFacts.one(calls, SolrLayout.TAKEDOWN, SolrLayout.DATA)) {
      lines.addAll(SolrLayout.texts(document, SolrLayout.DATA));
    }
    return TakedownList.parse("the takedown list of " + calls.place(), lines);
  }

  public IndexHeader header() {
    return header;
  }

  /// What must not be added.
  public TakedownList forbidden() {
    return forbidden;
  }

  /// Adds images, or replaces those of the same ids (of two with one id the latter counts), and
  /// returns how many: those that the takedown list forbids stay out. A few hundred at once are
  /// quickest. Throws [IllegalArgumentException] if a vector's dimension is not the header's.
  public int add(Collection<IndexedImage> rows) {
    Map<ImageId, SolrInputDocument> documents = new LinkedHashMap<>();
    for (IndexedImage row : rows) {
      for (VectorField field : VectorField.values()) {
        header.requireDimension(field, row.vector(field));
      }
      if (row.image().id().value().startsWith("\u0001")) {
        throw new IllegalArgumentException("an image's id must not begin with U+0001");
      }
      if (forbidden.forbidding(row.image()).isEmpty()) {
        documents.put(row.image().id(), SolrLayout.document(row, analyzer));
      }
    }
    if (!documents.isEmpty()) {
      calls.write(new UpdateRequest().add(List.copyOf(documents.values())));
    }
    return documents.size();
  }

  /// Takes images out; those that are not there do not matter.
  public void remove(Collection<ImageSelector> selectors) {
    if (selectors.isEmpty()) {
      return;
    }
    List<String> hashes =
        selectors.stream().anyMatch(it -> it.kind() == ImageSelector.Kind.PHASH)
            ? hashes()
            : List.of();
    for (ImageSelector selector : selectors) {
      for (Filter.In named : selector.filters(hashes)) {
        if (!named.values().isEmpty()) {
          delete(named);
        }
      }
    }
  }

  private void delete(Filter.In named) {
    if (named.field().equals("id")) {
      calls.write(new UpdateRequest().deleteById(named.values()));
    } else {
      for (String value : named.values()) {
        calls.write(
            new UpdateRequest()
                .deleteByQuery(
                    "{!term f=\"" + SolrLayout.textField(named.field()) + "\"}" + value));
      }
    }
  }

  private List<String> hashes() {
    return SolrFacets.values(
            calls,
            SolrFacts.all(),
            SolrLayout.textField(FilterFields.METADATA + PictureHash.KEY),
            "")
        .stream()
        .map(bucket -> String.valueOf(bucket.getVal()))
        .toList();
  }

  /// Takes images out for good: they are entered in the collection's takedown list, removed, and
  /// all is committed. Returns the number of images left.
  public int takeDown(Collection<ImageSelector> selectors) {
    commitDocuments();
    forbidden = takedowns(calls).with(selectors);
    SolrInputDocument list = new SolrInputDocument();
    list.setField("id", SolrLayout.TAKEDOWN);
    forbidden.selectors().forEach(it -> list.addField(SolrLayout.DATA, it.toString()));
    calls.write(new UpdateRequest().add(list));
    remove(selectors);
    return commit();
  }

  /// Takes every image out.
  public void removeAll() {
    calls.write(new UpdateRequest().deleteByQuery("kind:image"));
  }

  /// Takes effect with the next commit.
  public void calibrate(IndexCalibration fitted) {
    calibration = fitted;
  }

  /// Lets searches find all that was written, by any writer; returns the number of images.
  public int commit() {
    commitDocuments();
    SolrState state = new SolrState(header, calibration, UUID.randomUUID().toString());
    calls.write(new UpdateRequest().add(state.document()));
    commitDocuments();
    return SolrFacts.images(calls);
  }

  private void commitDocuments() {
    calls.write(new UpdateRequest().setAction(AbstractUpdateRequest.ACTION.COMMIT, true, true));
  }

  /// Points `alias` at this collection, from one search to the next (blue/green).
  public void alias(String alias) {
    new SolrCollections(calls).alias(alias);
  }

  /// Ends the writing; what was added but not committed stays in the servers' logs and is found
  /// after anyone's next commit.
  @Override
  public void close() {
    try (calls) {
      analyzer.close();
    }
  }
}
