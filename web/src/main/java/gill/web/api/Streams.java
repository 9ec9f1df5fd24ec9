package gill.web.api;

import gill.engine.flow.Cancellation;
import gill.engine.flow.StageTimings;
import gill.web.sse.DisconnectWatch;
import gill.web.sse.EventLog;
import gill.web.sse.EventStream;
import gill.web.sse.EventStream.Numbers;
import io.javalin.http.Context;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers that are streamed. Each is made on a thread of its own and read by its client's request.
/// When the client leaves, an answer stops within a step, unless it was asked to be resumable: then
/// it goes on for a while, and whoever has its id may read on behind the last event it has read.
/// Safe for use by many threads.
final class Streams implements AutoCloseable {
  /// The head that tells a resumable answer's id.
  static final String HEADER = "X-Stream-Id";

  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  // More than the events of the longest answer: tokens, steps and looks of all its pictures.
  private static final int EVENTS_KEPT = 16_384;

  private final Admission admission;
  private final Metrics metrics;
  private final ScheduledExecutorService clock;
  private final Duration grace;
  private final Set<Running> all = ConcurrentHashMap.newKeySet();
  private final Map<String, Running> resumable = new ConcurrentHashMap<>();

  /// @param grace how long a resumable answer outlives its last reader
  Streams(Admission admission, Metrics metrics, ScheduledExecutorService clock, Duration grace) {
    this.admission = admission;
    this.metrics = metrics;
    this.clock = clock;
    this.grace = grace;
  }

  /// What makes an answer.
  interface Source {
    /// Tells the answer event by event; returns how long its stages took.
    List<StageTimings> run(EventLog events, Cancellation cancellation) throws InterruptedException;

    /// Tells that the answer failed after it had begun.
    void broken(EventLog events, Problem problem);
  }

  /// What becomes of an answer whose client leaves.
  enum Kind {
    ENDS_WITH_ITS_CLIENT,
    RESUMABLE;

    /// Reads `resumable` of a request.
    static Kind read(Fields fields, boolean stream) {
      if (!fields.flag("resumable")) {
        return ENDS_WITH_ITS_CLIENT;
      }
      if (!stream) {
        throw Problem.invalid(
            "resumable", "Only a stream is resumable; send \"stream\": true with it.");
      }
      return RESUMABLE;
    }
  }

  /// An answer under way, or one that is over and may still be read.
  private final class Running {
    private final String id;
    private final String owner;
    private final Kind kind;
    private final EventLog events = new EventLog(EVENTS_KEPT);
    private volatile boolean stopped;
    private volatile @Nullable RuntimeException fault;
    private volatile List<StageTimings> timings = List.of();
    private int readers;
    private @Nullable ScheduledFuture<?> lapse;
    private volatile @Nullable Thread worker;

    Running(String id, String owner, Kind kind) {
      this.id = id;
      this.owner = owner;
      this.kind = kind;
    }

    void start(Source source, Admission.Ticket ticket) {
      all.add(this);
      worker =
          Thread.ofVirtual().name("stream").start(RequestId.carried(() -> run(source, ticket)));
    }

    private void run(Source source, Admission.Ticket ticket) {
      try (ticket) {
        timings = source.run(events, () -> stopped);
        timings.forEach(metrics::stages);
        if (stopped) {
          metrics.cancelled();
        }
      } catch (RuntimeException e) {
        if (events.isEmpty()) {
          fault = e;
        } else {
          LOG.warn("a streamed answer failed", e);
          source.broken(events, Problems.of(e));
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } finally {
        events.end();
        all.remove(this);
      }
    }

    synchronized void join() {
      readers++;
      if (lapse != null) {
        lapse.cancel(false);
        lapse = null;
      }
    }

    /// @param began whether the reader may know the id
    synchronized void leave(boolean began) {
      readers--;
      if (readers > 0) {
        return;
      }
      if (kind == Kind.ENDS_WITH_ITS_CLIENT || !began) {
        stop();
        return;
      }
      try {
        lapse = clock.schedule(this::lapse, grace.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException _) {
        stop();
      }
    }

    private synchronized void lapse() {
      if (readers == 0) {
        stop();
      }
    }

    /// Ends the answer within its next step; nobody can read on.
    void stop() {
      stopped = true;
      resumable.remove(id);
    }
  }

  /// Streams an answer to a request.
  ///
  /// @param begin checks the request; what it throws is the answer
  void answer(Context ctx, Kind kind, Supplier<Source> begin) throws InterruptedException {
    Admission.Ticket ticket = admission.enter();
    Running running = new Running(newId(), Guard.owner(ctx), kind);
    try {
      running.start(begin.get(), ticket);
    } catch (RuntimeException e) {
      ticket.close();
      throw e;
    }
    if (kind == Kind.RESUMABLE) {
      resumable.put(running.id, running);
      ctx.header(HEADER, running.id);
    }
    follow(ctx, running, out(ctx, kind), 0);
  }

  private static EventStream out(Context ctx, Kind kind) {
    return new EventStream(
        ctx.disableCompression().res(), kind == Kind.RESUMABLE ? Numbers.TOLD : Numbers.KEPT_BACK);
  }

  private void follow(Context ctx, Running running, EventStream out, long after)
      throws InterruptedException {
    running.join();
    AtomicBoolean left = new AtomicBoolean();
    Runnable leave =
        () -> {
          if (left.compareAndSet(false, true)) {
            running.leave(out.isOpen());
          }
        };
    try (DisconnectWatch _ = DisconnectWatch.start(ctx.req(), ctx.res(), clock, leave)) {
      out.follow(running.events, after);
    } catch (IOException _) {
      // The client has left, or reads nothing.
    } finally {
      leave.run();
    }
    RuntimeException fault = running.fault;
    if (fault != null && !out.isOpen()) {
      throw fault;
    }
    running.timings.forEach(it -> RequestId.stages(ctx, it));
  }

  /// `GET /v1/streams/{id}/events`: what a resumable answer tells behind `Last-Event-ID`; 204 if it
  /// is over there, upon which an `EventSource` does not come back.
  void resume(Context ctx) throws InterruptedException {
    long after = JobsApi.lastEvent(ctx);
    Running running = find(ctx);
    if (running.events.isOverAfter(after)) {
      ctx.status(204);
      return;
    }
    EventStream out = out(ctx, Kind.RESUMABLE);
    try {
      out.open();
    } catch (IOException _) {
      return;
    }
    follow(ctx, running, out, after);
  }

  /// `DELETE /v1/streams/{id}`: stops an answer.
  void stop(Context ctx) {
    find(ctx).stop();
    ctx.status(204);
  }

  private Running find(Context ctx) {
    String id = ctx.pathParam("id");
    return Optional.ofNullable(resumable.get(id))
        .filter(it -> it.owner.equals(Guard.owner(ctx)))
        .orElseThrow(() ->
            new Problem(
                404,
                "stream_not_found",
                "There is no stream " + Fields.quote(id) + " (any more); ask again."));
  }

  private static String newId() {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    return "stream-" + HexFormat.of().formatHex(random);
  }

  /// Stops all answers and waits until the engine has let go of them.
  @Override
  public void close() {
    try {
      for (Running running : List.copyOf(all)) {
        running.stop();
        Thread worker = running.worker;
        if (worker != null) {
          worker.join();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
