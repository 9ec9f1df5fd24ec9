package gill.engine.retrieval.solr;

import gill.engine.fault.CorpusUnavailableException;
import gill.engine.fault.IndexException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

  /// In SolrJ's words where it has not been told the cluster's state.
  private static final String CLUSTER_STATE = "live_nodes";

  /// What a node says, as if the request were wrong, while it finds its way back to ZooKeeper.
  private static final String NOT_LOADED = "Could not load collection from ZK";

  private final SolrPlace place;
  private final ExecutorService threads;
  private final SolrNodes reads;
  private final CloudSolrClient writes;
  private final CountDownLatch closed = new CountDownLatch(1);

  private SolrCalls(
      SolrPlace place, ExecutorService threads, SolrNodes reads, CloudSolrClient writes) {
    this.place = place;
    this.threads = threads;
    this.reads = reads;
    this.writes = writes;
  }

  static SolrCalls open(SolrPlace place) {
    // SolrJ's own pool of four can be full of bodies that wait for a fifth to send them.
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    SolrNodes reads = new SolrNodes(http(threads, place.reading()).build(), place.urls());
    try {
      CloudSolrClient writes =
          new CloudSolrClient.Builder(place.urls())
              .withHttpClientBuilder(http(threads, place.writing()))
              .build();
      return new SolrCalls(place, threads, reads, writes);
    } catch (RuntimeException e) {
      reads.close();
      threads.shutdownNow();
      throw e;
    }
  }

  /// One try may take half of the time there is, so that a node that hangs leaves some to another.
  private static HttpJdkSolrClient.Builder http(ExecutorService threads, Duration patience) {
    long most = Math.max(1, patience.toMillis() / 2);
    return new HttpJdkSolrClient.Builder()
        .withExecutor(threads)
        .useHttp1_1(true)
        .withConnectionTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
        .withIdleTimeout(most, TimeUnit.MILLISECONDS)
        .withRequestTimeout(most, TimeUnit.MILLISECONDS);
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
      } catch (RuntimeException e) {
        // The client says so of a cluster whose state no node can tell.
        if (!String.valueOf(e.getMessage()).contains(CLUSTER_STATE)) {
          throw e;
        }
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
  static boolean isRefusal(Exception fault) {
    SolrException said = said(fault);
    return said != null
        && !String.valueOf(fault.getMessage()).contains(NOT_LOADED)
        && said.code() >= 400
        && said.code() < 500
        && said.code() != 408
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
    if (why.contains(CLUSTER_STATE)) {
      why = "no node tells the state of the cluster, which ZooKeeper keeps";
    }
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
    try (reads) {
      writes.close();
    } finally {
      // Not close(): a body that was on its way to a killed node waits for ever.
      threads.shutdownNow();
    }
  }
}
