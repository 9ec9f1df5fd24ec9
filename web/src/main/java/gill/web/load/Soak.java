package gill.web.load;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Sends a server a great many mixed requests and watches its memory: does it stay flat, and is
/// every tensor closed again?
public final class Soak {
  private static final int CLIENTS = 6;
  private static final int SAMPLES = 20;
  private static final int QUIET_SECONDS = 60;

  private Soak() {}

  /// What was seen while nothing was under way.
  ///
  /// @param done requests answered so far
  /// @param resident memory in MiB, the Java heap included
  /// @param beyondHeap resident memory in MiB less what the Java heap has committed
  /// @param open native objects: sessions, tokenizers, tensors
  public record Sample(int done, double seconds, double resident, double beyondHeap, double open) {}

  /// @param answers of each kind by status; 0 = the connection failed
  /// @param unexpected answers that the request should not have had, the first few
  public record Result(
      List<Sample> samples, Map<String, Map<Integer, Long>> answers, List<String> unexpected) {
    /// Native objects more than after the warm-up, with nothing under way: must be 0.
    public double leaked() {
      return samples.getLast().open() - samples.getFirst().open();
    }

    /// Resident memory in MiB at the end, less that at half the requests.
    public double growth() {
      return samples.getLast().resident() - samples.get(samples.size() / 2).resident();
    }
  }

  /// @param requests in all, of which the first twentieth warms up
  /// @param key for `Authorization`; empty = none
  /// @param listener is told of each sample
  public static Result run(URI server, String key, int requests, Consumer<Sample> listener)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    try (LoadClient client = new LoadClient(server, key)) {
      SoakRequests mixture = new SoakRequests(client);
      Queue<SoakRequests.Outcome> outcomes = new ConcurrentLinkedQueue<>();
      List<Sample> samples = new ArrayList<>();
      for (int part = 0; part < SAMPLES; part++) {
        int from = (int) ((long) requests * part / SAMPLES);
        int to = (int) ((long) requests * (part + 1) / SAMPLES);
        send(mixture, from, to, outcomes);
        samples.add(sample(client, to, began));
        listener.accept(samples.getLast());
      }
      return new Result(samples, count(outcomes), unexpected(outcomes));
    }
  }

  private static void send(
      SoakRequests mixture, int from, int to, Queue<SoakRequests.Outcome> outcomes)
      throws InterruptedException {
    AtomicInteger next = new AtomicInteger(from);
    CountDownLatch done = new CountDownLatch(CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              for (int at = next.getAndIncrement(); at < to; at = next.getAndIncrement()) {
                outcomes.add(mixture.send(at));
              }
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
  }

  // Clients that left leave work behind for a moment.
  private static Sample sample(LoadClient client, int done, long began)
      throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; client.metric("gill_requests_in_engine") > 0; i++) {
      if (i > 10 * QUIET_SECONDS) {
        throw new IllegalStateException(
            "requests are still in the engine " + QUIET_SECONDS + " s after the last was sent");
      }
      boolean _ = never.await(100, TimeUnit.MILLISECONDS);
    }
    return new Sample(
        done,
        (System.nanoTime() - began) / 1e9,
        client.metric("gill_resident_memory_bytes") / (1 << 20),
        client.metric("gill_native_memory_bytes") / (1 << 20),
        client.metric("gill_native_objects"));
  }

  private static Map<String, Map<Integer, Long>> count(Queue<SoakRequests.Outcome> outcomes) {
    Map<SoakRequests.Kind, Map<Integer, Long>> counts =
        outcomes.stream()
            .collect(
                Collectors.groupingBy(
                    SoakRequests.Outcome::kind,
                    () -> new EnumMap<>(SoakRequests.Kind.class),
                    Collectors.groupingBy(SoakRequests.Outcome::status, Collectors.counting())));
    return counts.entrySet().stream()
        .collect(
            Collectors.toMap(
                it -> it.getKey().name().toLowerCase(java.util.Locale.ROOT),
                Map.Entry::getValue,
                (a, _) -> a,
                java.util.LinkedHashMap::new));
  }

  private static List<String> unexpected(Queue<SoakRequests.Outcome> outcomes) {
    return outcomes.stream()
        .filter(it -> !it.expected())
        .map(it -> it.kind() + " " + it.status())
        .distinct()
        .toList();
  }
}
