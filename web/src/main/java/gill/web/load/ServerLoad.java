package gill.web.load;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Measures a server at several numbers of clients, and under more than it can do.
public final class ServerLoad implements AutoCloseable {
  private static final int MOST_OPEN = 4000;

  private final LoadClient client;

  /// @param key for `Authorization`; empty = none
  public ServerLoad(URI server, String key) {
    this.client = new LoadClient(server, key);
  }

  /// Some clients that each ask again as soon as they are answered.
  ///
  /// @param perSecond answers
  /// @param text to the first text; NaN for asks without text
  /// @param failed answers that were no success
  public record Level(
      Ask ask,
      int clients,
      int requests,
      double perSecond,
      Latency text,
      Latency image,
      Latency end,
      long failed) {}

  /// Requests that come without waiting for answers.
  ///
  /// @param perSecond requests sent
  /// @param accepted their answers' times
  /// @param refused with 429 or 503 and `Retry-After`
  /// @param failed anything else
  public record Overload(
      double perSecond,
      double capacity,
      int sent,
      long acceptedCount,
      Latency accepted,
      long refused,
      Latency refusals,
      long failed) {}

  /// Asks `requests` times by so many clients at once; each client is used to the ask before.
  public Level level(Ask ask, int clients, int requests) throws InterruptedException {
    run(ask, clients, clients);
    long began = System.nanoTime();
    List<Timing> timings = run(ask, clients, requests);
    double seconds = (System.nanoTime() - began) / 1e9;
    List<Timing> accepted = timings.stream().filter(Timing::accepted).toList();
    return new Level(
        ask,
        clients,
        requests,
        accepted.size() / seconds,
        Latency.of(accepted.stream().mapToDouble(Timing::text)),
        Latency.of(accepted.stream().mapToDouble(Timing::image)),
        Latency.of(accepted.stream().mapToDouble(Timing::end)),
        timings.size() - accepted.size());
  }

  private List<Timing> run(Ask ask, int clients, int requests) throws InterruptedException {
    Queue<Timing> timings = new ConcurrentLinkedQueue<>();
    AtomicInteger next = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(clients);
    for (int i = 0; i < clients; i++) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              for (int at = next.getAndIncrement(); at < requests; at = next.getAndIncrement()) {
                timings.add(client.ask(ask, at));
              }
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    return new ArrayList<>(timings);
  }

  /// Sends lookups at `times` the rate that the server can answer.
  public Overload overload(double capacity, double times, int seconds) throws InterruptedException {
    double rate = capacity * times;
    int count = (int) Math.min(rate * seconds, 1_000_000);
    Queue<Timing> timings = new ConcurrentLinkedQueue<>();
    Semaphore open = new Semaphore(MOST_OPEN);
    AtomicInteger sent = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(count);
    long period = Math.max(1, Math.round(1e9 / rate));
    try (ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      Runnable send =
          () -> {
            int at = sent.getAndIncrement();
            if (at < count) {
              open.acquireUninterruptibly();
              asking.execute(() -> ask(at, timings, open, all));
            }
          };
      var _ = clock.scheduleAtFixedRate(send, 0, period, TimeUnit.NANOSECONDS);
      all.await();
      clock.shutdownNow();
    }
    return result(rate, capacity, List.copyOf(timings));
  }

  private void ask(int at, Queue<Timing> timings, Semaphore open, CountDownLatch all) {
    try {
      timings.add(client.ask(Ask.LOOKUP, at));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.release();
      all.countDown();
    }
  }

  private static Overload result(double rate, double capacity, List<Timing> timings) {
    List<Timing> accepted = timings.stream().filter(Timing::accepted).toList();
    List<Timing> refused = timings.stream().filter(Timing::refused).toList();
    return new Overload(
        rate,
        capacity,
        timings.size(),
        accepted.size(),
        Latency.of(accepted.stream().mapToDouble(Timing::end)),
        refused.size(),
        Latency.of(refused.stream().mapToDouble(Timing::end)),
        timings.size() - accepted.size() - refused.size());
  }

  @Override
  public void close() {
    client.close();
  }
}
