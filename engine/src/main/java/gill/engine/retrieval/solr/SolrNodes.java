package gill.engine.retrieval.solr;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import org.apache.solr.client.solrj.SolrClient;
import org.apache.solr.client.solrj.SolrRequest;
import org.apache.solr.client.solrj.SolrServerException;
import org.apache.solr.client.solrj.impl.HttpJdkSolrClient;
import org.apache.solr.common.SolrException;
import org.apache.solr.common.util.NamedList;
import org.jspecify.annotations.Nullable;

/// Asks the nodes by turns. Each can answer for the whole collection by what it last knew of the
/// cluster, so that questions go on while ZooKeeper is away; the client that SolrJ has for clouds
/// asks for the cluster's state first, which then fails.
///
/// A node that fails is asked last for a while. Safe for use by many threads.
final class SolrNodes extends SolrClient {
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int NOT_FOUND = 404;

  private final HttpJdkSolrClient http;
  private final List<String> urls;
  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicLongArray failedAt;

  SolrNodes(HttpJdkSolrClient http, List<String> urls) {
    this.http = http;
    this.urls = urls;
    this.failedAt = new AtomicLongArray(urls.size());
    long before = System.nanoTime() - REST_NANOS;
    IntStream.range(0, urls.size()).forEach(node -> failedAt.set(node, before));
  }

  @Override
  public NamedList<Object> request(SolrRequest<?> request, @Nullable String collection)
      throws SolrServerException, IOException {
    List<Exception> faults = new ArrayList<>();
    for (int node : order()) {
      try {
        return http.requestWithBaseUrl(urls.get(node), request, collection);
      } catch (SolrException e) {
        if (e.code() != NOT_FOUND && SolrCalls.isRefusal(e)) {
          throw e;
        }
        faults.add(e);
      } catch (SolrServerException | IOException e) {
        faults.add(e);
      }
      failedAt.set(node, System.nanoTime());
    }
    throw worst(faults);
  }

  private List<Integer> order() {
    int first = Math.floorMod(turn.getAndIncrement(), urls.size());
    return IntStream.range(0, urls.size())
        .map(i -> (first + i) % urls.size())
        .boxed()
        .sorted(Comparator.comparing(this::isResting))
        .toList();
  }

  private boolean isResting(int node) {
    return System.nanoTime() - failedAt.get(node) < REST_NANOS;
  }

  /// That a collection is not found counts if every node says so: one that starts has not yet found
  /// its own.
  private static SolrServerException worst(List<Exception> faults) {
    Exception worst =
        faults.stream()
            .filter(it -> !(it instanceof SolrException said) || said.code() != NOT_FOUND)
            .findFirst()
            .orElse(faults.getFirst());
    return new SolrServerException(worst.getMessage(), worst);
  }

  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing the connections to Solr", e);
    }
  }
}
