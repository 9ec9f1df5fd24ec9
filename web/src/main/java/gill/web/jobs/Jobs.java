package gill.web.jobs;

import gill.web.sse.EventLog;
import gill.web.store.State;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Jobs: each kind has a bounded queue and one thread. Records survive a restart; a job that was
/// queued or running then has failed with the code `interrupted`. Safe for use by many threads.
public final class Jobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  private static final int KEPT = 200;
  private static final int LOGS_KEPT = 32;

  // Progress tells all that was before it, so older events are no loss.
  private static final int EVENTS_KEPT = 1000;
  private static final long TELL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int CLOSE_SECONDS = 20;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final AtomicLong lastMillis = new AtomicLong();
  private final JobStore store;
  private final JsonMapper json;
  private final InstantSource clock;
  private final int queueLimit;
  private final Function<Exception, JsonNode> problem;
  private final Function<Job, JsonNode> view;
  private final Map<JobKind, ExecutorService> threads = new java.util.EnumMap<>(JobKind.class);

  /// Jobs of this process by id, oldest first; those that are over stay for readers of their
  /// events.
  private final Map<String, Live> live = new LinkedHashMap<>();

  private volatile boolean closing;

  /// @param queueLimit jobs of a kind that may wait
  /// @param problem what a failure is told as
  /// @param view what an event shows of a job
  public Jobs(
      State state,
      JsonMapper json,
      InstantSource clock,
      int queueLimit,
      Function<Exception, JsonNode> problem,
      Function<Job, JsonNode> view) {
    this.store = new JobStore(state, json, KEPT);
    this.json = json;
    this.clock = clock;
    this.queueLimit = queueLimit;
    this.problem = problem;
    this.view = view;
    for (JobKind kind : JobKind.values()) {
      threads.put(
          kind,
          Executors.newSingleThreadExecutor(
              Thread.ofPlatform().daemon().name("job-" + kind.id()).factory()));
    }
    int broken =
        store.endThoseBrokenOff(
            job -> job.failed(problem.apply(new JobInterruptedException()), now()));
    if (broken > 0) {
      LOG.warn("{} jobs were broken off when the server last stopped", broken);
    }
  }

  /// A job in this process. Its own lock guards `job`.
  private final class Live implements RunningJob {
    private final EventLog events = new EventLog(EVENTS_KEPT);
    private volatile Job job;
    private volatile boolean cancelled;
    private volatile @Nullable JsonNode look;
    private long told;

    Live(Job job) {
      this.job = job;
    }

    @Override
    public String id() {
      return job.id();
    }

    @Override
    public boolean isCancelled() {
      return cancelled || closing;
    }

    @Override
    public void progress(JobProgress progress, Map<String, Long> counts) {
      synchronized (this) {
        job = job.at(progress, counts);
        long now = System.nanoTime();
        if (now - told < TELL_NANOS && progress.step() < progress.of()) {
          return;
        }
        told = now;
      }
      tell("progress", view.apply(job));
    }

    private void tell(String event, JsonNode data) {
      events.event(event, json.writeValueAsString(data));
    }

    @Override
    public void preview(Object shown) {
      JsonNode data = json.valueToTree(shown);
      look = data;
      tell("preview", data);
    }

    synchronized boolean begin() {
      if (job.state() != JobState.QUEUED) {
        return false;
      }
      job = job.running(now());
      return true;
    }

    void end(Job ended) {
      synchronized (this) {
        if (job.state().isOver()) {
          return;
        }
        job = ended;
        look = null;
      }
      store.put(ended);
      tell(ended.state().id(), view.apply(ended));
      events.end();
    }
  }

  /// Puts a job into its kind's queue. Throws [JobQueueFullException] if that is full.
  public Job submit(JobKind kind, String owner, JsonNode asked, JobWork work) {
    Live added = new Live(Job.queued(newId(), owner, kind, asked, now()));
    synchronized (live) {
      if (waiting(kind).count() >= queueLimit) {
        throw new JobQueueFullException(kind, queueLimit);
      }
      forgetOld();
      live.put(added.id(), added);
    }
    store.put(added.job);
    Objects.requireNonNull(threads.get(kind)).execute(() -> run(added, work));
    return added.job;
  }

  /// Ids grow with time, so that jobs of one second have an order too: 48 bits of milliseconds (the
  /// next free one), 48 random ones.
  private String newId() {
    long millis = lastMillis.updateAndGet(last -> Math.max(last + 1, clock.millis()));
    HexFormat hex = HexFormat.of();
    return "job-" + hex.toHexDigits(millis, 12) + hex.toHexDigits(RANDOM.nextLong(), 12);
  }

  private void run(Live running, JobWork work) {
    if (!running.begin()) {
      return;
    }
    store.put(running.job);
    try {
      JobWork.Outcome outcome = work.run(running);
      running.end(running.job.done(outcome.result(), outcome.counts(), now()));
    } catch (CancellationException e) {
      running.end(
          closing && !running.cancelled
              ? running.job.failed(problem.apply(new JobInterruptedException()), now())
              : running.job.cancelled(now()));
    } catch (InterruptedException _) {
      running.end(running.job.failed(problem.apply(new JobInterruptedException()), now()));
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      running.end(running.job.failed(problem.apply(e), now()));
    } catch (Error e) {
      running.end(running.job.failed(problem.apply(new IllegalStateException(e)), now()));
      throw e;
    }
  }

  /// Tells a job to stop; one that waits is over at once, one that runs within its next step.
  /// Returns the job as it is then; empty if there is none of this id.
  public Optional<Job> cancel(String id) {
    @Nullable Live there;
    synchronized (live) {
      there = live.get(id);
    }
    if (there == null) {
      return store.get(id);
    }
    boolean waits;
    synchronized (there) {
      there.cancelled = true;
      waits = there.job.state() == JobState.QUEUED;
    }
    if (waits) {
      there.end(there.job.cancelled(now()));
    }
    return Optional.of(there.job);
  }

  public Optional<Job> get(String id) {
    synchronized (live) {
      @Nullable Live there = live.get(id);
      return there == null ? store.get(id) : Optional.of(there.job);
    }
  }

  /// All jobs that are kept, the newest first.
  public List<Job> list() {
    Map<String, Job> all = new LinkedHashMap<>();
    store.all().forEach(job -> all.put(job.id(), job));
    synchronized (live) {
      live.values().stream()
          .filter(it -> all.containsKey(it.id()) || !it.job.state().isOver())
          .forEach(it -> all.put(it.id(), it.job));
    }
    return all.values().stream().sorted(Job.OLDEST_FIRST.reversed()).toList();
  }

  /// The job's place among those of its kind that wait, from 1; 0 = it does not wait.
  public int place(Job job) {
    synchronized (live) {
      List<Live> queue = waiting(job.kind()).toList();
      for (int i = 0; i < queue.size(); i++) {
        if (queue.get(i).id().equals(job.id())) {
          return i + 1;
        }
      }
      return 0;
    }
  }

  /// What a job of this process tells; empty if it ran before the last restart or long ago.
  public Optional<EventLog> events(String id) {
    synchronized (live) {
      return Optional.ofNullable(live.get(id)).map(it -> it.events);
    }
  }

  /// What the result of a running job looks like by now; empty where nothing was shown of it.
  public Optional<JsonNode> preview(String id) {
    synchronized (live) {
      return Optional.ofNullable(live.get(id)).map(it -> it.look);
    }
  }

  private Stream<Live> waiting(JobKind kind) {
    return live.values().stream()
        .filter(it -> it.job.kind() == kind && it.job.state() == JobState.QUEUED);
  }

  private void forgetOld() {
    long over = live.values().stream().filter(it -> it.job.state().isOver()).count();
    var all = live.values().iterator();
    while (over >= LOGS_KEPT && all.hasNext()) {
      if (all.next().job.state().isOver()) {
        all.remove();
        over--;
      }
    }
  }

  private long now() {
    return clock.millis() / 1000;
  }

  /// Tells running jobs to stop and waits for them; those that wait are broken off.
  @Override
  public void close() {
    closing = true;
    threads.values().forEach(ExecutorService::shutdown);
    List<Live> open;
    synchronized (live) {
      open = live.values().stream().filter(it -> it.job.state() == JobState.QUEUED).toList();
    }
    open.forEach(it -> it.end(it.job.failed(problem.apply(new JobInterruptedException()), now())));
    try {
      for (ExecutorService thread : threads.values()) {
        if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
          LOG.warn("a job did not stop within {} s; it counts as interrupted", CLOSE_SECONDS);
          thread.shutdownNow();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
