package gill.web;

import gill.engine.Engine;
import gill.engine.EngineInfo;
import gill.engine.EngineOptions;
import gill.engine.fault.EngineException;
import gill.engine.flow.Cancellation;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import gill.web.Deployment.Place;
import gill.web.api.Answerer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An engine that another may take the place of while requests run (blue/green): the new one is
/// opened beside the old, requests that begin from then on go to it, and the old one is closed when
/// its last request has ended. No request waits or fails. An engine that cannot be opened is
/// refused, and the present one stays. Safe for use by many threads.
public final class LiveEngine implements Answerer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveEngine.class);

  /// An engine and the requests that are in it.
  private static final class Serving {
    private final Engine engine;
    private final Place place;
    private int requests;
    private boolean retired;

    Serving(Engine engine, Place place) {
      this.engine = engine;
      this.place = place;
    }
  }

  private final Object lock = new Object();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("deployment-watch").factory());
  private final EngineOptions options;
  private @Nullable Serving current;
  private String lastRefusal = "";

  private LiveEngine(EngineOptions options) {
    this.options = options;
  }

  /// An engine that cannot be asked before [#switchTo] or [#follow], so that a server can listen
  /// while models are opened.
  public static LiveEngine unopened(EngineOptions options) {
    return new LiveEngine(options);
  }

  /// Opens what `place` says. Throws as [Engine#open].
  public static LiveEngine open(Place place, EngineOptions options) {
    LiveEngine live = unopened(options);
    live.switchTo(place);
    return live;
  }

  /// Opens what a deployment file names, and looks every `interval` whether it names another.
  /// Throws as [Deployment#read] and [Engine#open].
  public static LiveEngine following(Path deployment, EngineOptions options, Duration interval) {
    LiveEngine live = unopened(options);
    live.follow(deployment, interval);
    return live;
  }

  /// Turns to what a deployment file names, and looks every `interval` whether it names another.
  /// Throws as [Deployment#read] and [Engine#open].
  public void follow(Path deployment, Duration interval) {
    switchTo(Deployment.read(deployment).current());
    long nanoseconds = interval.toNanos();
    var _ =
        watch.scheduleWithFixedDelay(
            () -> look(deployment), nanoseconds, nanoseconds, TimeUnit.NANOSECONDS);
  }

  private void look(Path deployment) {
    try {
      Place wanted = Deployment.read(deployment).current();
      if (!wanted.equals(place())) {
        switchTo(wanted);
        LOG.info("turned to {}: {} images", wanted, info().images());
      }
      lastRefusal = "";
    } catch (EngineException | IllegalArgumentException e) {
      String refusal = String.valueOf(e.getMessage());
      if (!refusal.equals(lastRefusal)) {
        LOG.warn("the server goes on with {}: {}", place(), refusal);
        lastRefusal = refusal;
      }
    }
  }

  /// What is served now.
  public Place place() {
    synchronized (lock) {
      return serving().place;
    }
  }

  private boolean isOpen() {
    synchronized (lock) {
      return current != null;
    }
  }

  // Under the lock.
  private Serving serving() {
    if (current == null) {
      throw new IllegalStateException("no engine has been opened yet");
    }
    return current;
  }

  /// Turns to another place; returns when requests go there. Throws as [Engine#open], and then
  /// nothing has changed.
  public void switchTo(Place place) {
    Engine engine =
        isOpen()
            ? with(now -> now.openOther(place.bundle(), place.index()))
            : Engine.open(place.bundle(), place.index(), options);
    Serving former;
    boolean idle = false;
    synchronized (lock) {
      former = current;
      current = new Serving(engine, place);
      if (former != null) {
        former.retired = true;
        idle = former.requests == 0;
      }
    }
    if (former != null && idle) {
      former.engine.close();
    }
  }

  /// What one request asks of the engine that serves when it begins.
  private <T> T with(Function<Engine, T> request) {
    Serving serving;
    synchronized (lock) {
      serving = serving();
      serving.requests++;
    }
    try {
      return request.apply(serving.engine);
    } finally {
      boolean last;
      synchronized (lock) {
        serving.requests--;
        last = serving.retired && serving.requests == 0;
      }
      if (last) {
        serving.engine.close();
      }
    }
  }

  @Override
  public EngineInfo info() {
    return with(Engine::info);
  }

  @Override
  public int waiting() {
    return isOpen() ? with(Engine::waiting) : 0;
  }

  @Override
  public SamplingOptions defaultSampling() {
    return with(Engine::defaultSampling);
  }

  @Override
  public void reply(Turn turn, Consumer<Output> sink, Cancellation cancellation) {
    boolean _ =
        with(engine -> {
          engine.reply(turn, sink, cancellation);
          return true;
        });
  }

  @Override
  public LookupResult lookup(
      Turn turn, Consumer<Output.Progress> progress, Cancellation cancellation) {
    return with(engine -> engine.lookup(turn, progress, cancellation));
  }

  @Override
  public SearchAnswer search(SearchRequest request) {
    return with(engine -> engine.search(request));
  }

  @Override
  public Hits search(UnitVector clip, int limit) {
    return with(engine -> Answerer.of(engine).search(clip, limit));
  }

  @Override
  public UnitVector embed(String text) {
    return with(engine -> engine.embed(text));
  }

  @Override
  public UnitVector embed(Pixels image) {
    return with(engine -> engine.embed(image));
  }

  @Override
  public Optional<ImageRecord> image(ImageId id) {
    return with(engine -> engine.image(id));
  }

  @Override
  public Optional<Path> imageFile(ImageRecord image) {
    return with(engine -> engine.imageFile(image));
  }

  @Override
  public Optional<GeneratedPicture> generated(String id) {
    return with(engine -> engine.generated(id));
  }

  @Override
  public Optional<ImageId> keep(String generated, Path folder) {
    return with(engine -> engine.keep(generated, folder));
  }

  /// Ends the watching and closes the engine; no request may follow.
  @Override
  public void close() {
    watch.close();
    Serving last;
    synchronized (lock) {
      last = current;
    }
    if (last != null) {
      last.engine.close();
    }
  }
}
