package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.BUNDLE;
import static gill.engine.retrieval.SampleRows.HEADER;

import gill.engine.retrieval.solr.SolrBackend;
import gill.engine.retrieval.solr.SolrPlace;
import gill.engine.retrieval.solr.SolrShape;
import gill.engine.retrieval.solr.SolrWriter;
import java.util.ArrayList;
import java.util.List;

/// Two collections that a contract's tests fill by turns: making one takes seconds.
final class SolrCollectionPair implements AutoCloseable {
  private final SolrCluster cluster;
  private final List<SolrPlace> places = new ArrayList<>();
  private int used;

  private SolrCollectionPair(SolrCluster cluster) {
    this.cluster = cluster;
  }

  static SolrCollectionPair start() {
    long start = System.nanoTime();
    SolrCluster cluster = SolrCluster.start(2);
    SolrCollectionPair pair = new SolrCollectionPair(cluster);
    for (String name : List.of("one", "other")) {
      SolrPlace place = cluster.place(name);
      SolrWriter.create(place, new SolrShape(2, 1), HEADER).close();
      pair.places.add(place);
    }
    System.out.printf(
        "SolrCloud of 2 nodes and 2 collections: %.1f s%n", (System.nanoTime() - start) / 1e9);
    return pair;
  }

  SolrCluster cluster() {
    return cluster;
  }

  SearchBackend backend(List<IndexedImage> rows) {
    SolrPlace place = places.get(used++ % 2);
    try (SolrWriter writer = SolrWriter.update(place, BUNDLE)) {
      writer.removeAll();
      writer.add(rows);
      writer.commit();
    }
    return SolrBackend.open(place, BUNDLE);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
