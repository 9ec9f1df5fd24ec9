package gill.engine.retrieval.solr;

import gill.engine.fault.CorpusUnavailableException;
import gill.engine.fault.IndexException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.solr.client.solrj.SolrClient;
import org.apache.solr.client.solrj.SolrRequest;
import org.apache.solr.client.solrj.SolrServerException;
import org.apache.solr.client.solrj.impl.CloudSolrClient;
import org.apache.solr.client.solrj.impl.HttpJdkSolrClient;
import org.apache.solr.client.solrj.request.QueryRequest;
import org.apache.solr.client.solrj.response.QueryResponse;
import org.apache.solr.client.solrj.response.SolrResponseBase;
import org.apache.solr.common.SolrException;
import org.apache.solr.common.params.SolrParams;
import org.jspecify.annotations.Nullable;

/// Requests to a collection: each may take so long and no longer, and is repeated on another node
/// while that time lasts if servers are away. Safe for use by many threads.
final class SolrCalls implements AutoCloseable {
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 2000;
  private static final int CONNECT_SECONDS = 2;

  private final SolrPlace place;
  private final CloudSolrClient reads;
  private final CloudSolrClient writes;
  private final CountDownLatch closed = new CountDownLatch(1);

  private SolrCalls(SolrPlace place, CloudSolrClient reads, CloudSolrClient writes) {
    this.place = place;
    this.reads = reads;
    this.writes = writes;
  }

  /// Throws [CorpusUnavailableException] if no node can be reached.
  static SolrCalls open(SolrPlace place) {
    CloudSolrClient reads = client(place, place.reading());
    try {
      return new SolrCalls(place, reads, client(place, place.writing()));
    } catch (RuntimeException e) {
      closing(reads);
      throw e;
    }
  }

  private static CloudSolrClient client(SolrPlace place, Duration patience) {
    try {
      return new CloudSolrClient.Builder(place.urls())
          .withHttpClientBuilder(
              new HttpJdkSolrClient.Builder()
                  .useHttp1_1(true)
                  .withConnectionTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
                  .withIdleTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                  .withRequestTimeout(patience.toMillis(), TimeUnit.MILLISECONDS))
          .build();
    } catch (RuntimeException e) {
      throw away(place, e);
    }
  }

  SolrPlace place() {
    return place;
  }

  /// A question, sent as a form so that it may be long.
  QueryResponse query(SolrParams params) {
    return send(
        new QueryRequest(params, SolrRequest.METHOD.POST), place.collection(), place.reading());
  }

  /// A change of the collection; it may arrive twice.
  <T extends SolrResponseBase> T write(SolrRequest<T> request) {
    return send(request, place.collection(), place.writing());
  }

  /// A request to the cluster; it may arrive twice.
  <T extends SolrResponseBase> T administer(SolrRequest<T> request) {
    return send(request, null, place.writing());
  }

  private <T extends SolrResponseBase> T send(
      SolrRequest<T> request, @Nullable String collection, Duration time) {
    requireOpen();
    SolrClient client = request instanceof QueryRequest ? reads : writes;
    long end = System.nanoTime() + time.toNanos();
    for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
      Exception fault;
      try {
        return request.process(client, collection);
      } catch (SolrServerException | IOException | SolrException | UncheckedIOException e) {
        fault = e;
      }
      if (isRefusal(fault)) {
        throw refusal(fault);
      }
      if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause) > end || closesWithin(pause)) {
        throw away(place, fault);
      }
    }
  }

  private boolean closesWithin(long millis) {
    try {
      return closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /// Whether the servers understood and said no; all else may pass.
  private static boolean isRefusal(Exception fault) {
    SolrException said = said(fault);
    return said != null && said.code() >= 400 && said.code() < 500 && said.code() != 408
        && said.code() != 429;
  }

  private static @Nullable SolrException said(Throwable fault) {
    for (Throwable it = fault; it != null; it = it.getCause()) {
      if (it instanceof SolrException said) {
        return said;
      }
    }
    return null;
  }

  private IndexException refusal(Exception fault) {
    String message = String.valueOf(fault.getMessage());
    if (message.contains("ollection not found") || message.contains("404")) {
      return new IndexException(
          "there is no "
              + place.toString().substring("the ".length())
              + ". Make it: ./gill corpus push <index folder> --solr-url "
              + String.join(",", place.urls())
              + " --collection "
              + place.collection(),
          fault);
    }
    return new IndexException(place + " refused a request: " + message, fault);
  }

  private static CorpusUnavailableException away(SolrPlace place, Exception fault) {
    Throwable root = fault;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String why = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    return new CorpusUnavailableException(
        place + " cannot answer now (" + why + "). See that its nodes and ZooKeeper run", fault);
  }

  void requireOpen() {
    if (closed.getCount() == 0) {
      throw new IllegalStateException("the connection to " + place + " is closed");
    }
  }

  @Override
  public void close() {
    closed.countDown();
    closing(reads);
    closing(writes);
  }

  private static void closing(CloudSolrClient client) {
    client.close();
  }
}
