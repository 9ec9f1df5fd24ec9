package gill.web.api;

import gill.engine.EngineInfo;
import gill.engine.EngineOptions;
import gill.web.access.ApiKeys;
import gill.web.access.RateLimits;
import gill.web.access.Scope;
import gill.web.jobs.Corpora;
import gill.web.jobs.Jobs;
import gill.web.store.SessionStore;
import gill.web.store.State;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import tools.jackson.databind.json.JsonMapper;

/// All endpoints of the HTTP API (docs/api.md). Close it after the server has stopped.
public final class Api implements AutoCloseable {
  /// The file of the API keys in the state folder.
  public static final String KEYS = "keys";

  private static final int JOBS_WAITING = 16;

  private final Service service;
  private final List<Path> kept;
  private final State state;
  private final Guard guard;
  private final Health health = new Health();
  private final ScheduledExecutorService watchClock;
  private final long opened;
  private final Corpora corpora;
  private final Jobs jobs;
  private final Streams streams;
  private final Patience patience;

  /// @param patience with clients that are slow or lost
  /// @param folder of what survives a restart; empty = nothing does
  /// @param requestsPerMinute of one caller; 0 = no limit
  /// @param kept folder for accepted generated pictures; empty = they are not kept
  /// @param corpora what an operator may do
  public Api(
      Answerer answerer,
      EngineOptions options,
      Limits limits,
      Patience patience,
      Optional<Path> folder,
      int requestsPerMinute,
      Optional<Path> kept,
      Corpora corpora) {
    this.corpora = corpora;
    this.patience = patience;
    this.kept = kept.stream().toList();
    this.state = State.open(folder);
    Admission admission = new Admission(options.queueLimit() + 1);
    InstantSource clock = InstantSource.system();
    this.opened = clock.millis() / 1000;
    this.guard =
        new Guard(
            folder.map(it -> new ApiKeys(it.resolve(KEYS))),
            new RateLimits(requestsPerMinute, clock));
    this.watchClock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("disconnect-watch").factory());
    JsonMapper json = JsonAnswers.mapper();
    Metrics metrics = new Metrics(admission, answerer::waiting);
    ImageRefs images =
        new ImageRefs(
            answerer,
            limits,
            state.pictures()::get,
            reading -> metrics.step(Metrics.Step.IMAGE_PREPRO, reading));
    this.streams = new Streams(admission, metrics, watchClock, patience.stream());
    this.service =
        new Service(
            answerer,
            images,
            limits,
            admission,
            streams,
            new Conversations(
                new SessionStore(state, json, options.maxSessions()),
                answerer,
                images,
                limits,
                json,
                clock),
            metrics,
            json,
            watchClock,
            clock);
    this.jobs =
        new Jobs(
            state,
            json,
            clock,
            JOBS_WAITING,
            fault -> json.valueToTree(Problems.of(fault).body()),
            job -> JobsApi.told(job, json));
  }

  public JsonMapper json() {
    return service.json();
  }

  /// Tell it when the answerer is there, and of requests.
  public Health health() {
    return health;
  }

  public Metrics metrics() {
    return service.metrics();
  }

  /// Declares the routes and what a failure looks like.
  public void declare(RoutesConfig routes) {
    for (Route route : routes()) {
      routes.addHttpHandler(route.method(), route.path(), route.guarded(guard, health, patience));
    }
    routes.exception(
        HttpResponseException.class,
        (fault, ctx) -> {
          if (fault.getStatus() == 405) {
            ctx.header("Allow", fault.getDetails().getOrDefault("availableMethods", ""));
          }
          Problems.send(ctx, Problems.of(fault), service.json());
        });
    routes.exception(
        Exception.class, (fault, ctx) -> Problems.send(ctx, Problems.of(fault), service.json()));
  }

  private List<Route> routes() {
    ImagesApi images = new ImagesApi(service.answerer(), state.pictures());
    FeedbackApi feedback = new FeedbackApi(service, new FeedbackStore(state, service.json()), kept);
    KeyApi key = new KeyApi(service, guard);
    SessionsApi sessions = new SessionsApi(service);
    KnnApi knn = new KnnApi(service);
    CorporaApi operating = new CorporaApi(service, corpora);
    JobsApi jobsApi =
        new JobsApi(
            service,
            jobs,
            guard,
            new IndexJobs(corpora, state.folder("jobs"), service.json()),
            new GenerationJobs(service));
    return List.of(
        Route.post("/v1/chat/completions", new ChatApi(service)::handle),
        Route.post("/v1/lookup", new LookupApi(service)::handle),
        Route.post("/v1/search", new SearchApi(service)::handle),
        Route.post("/v1/images/generations", new GenerationsApi(service)::handle),
        Route.post("/v1/embeddings", new EmbeddingsApi(service)::handle),
        Route.get("/v1/images/generated/{sha256}", images::generated),
        Route.get("/v1/images/sent/{sha256}", images::sent),
        // Before the next one, which would take "/similar" for the end of an id.
        Route.get("/v1/images/<id>/similar", new SimilarApi(service)::handle).withRate(),
        Route.get("/v1/images/<id>", images::corpus),
        Route.post("/v1/feedback", feedback::add).needs(Scope.WRITE),
        Route.get("/v1/feedback", feedback::list).needs(Scope.ADMIN),
        Route.get("/v1/models", ctx -> ctx.json(Models.list(service.answerer().info(), opened))),
        Route.get("/v1/models/{model}", this::model),
        Route.get("/v1/sessions", sessions::list),
        Route.get("/v1/sessions/{id}", sessions::get),
        Route.patch("/v1/sessions/{id}", sessions::rename),
        Route.delete("/v1/sessions/{id}", sessions::delete),
        Route.post("/v1/sessions/{id}/fork", sessions::fork),
        Route.post("/v1/sessions/{id}/messages/{index}/image", sessions::image),
        Route.post("/v1/jobs", jobsApi::add),
        Route.get("/v1/jobs", jobsApi::list),
        Route.get("/v1/jobs/{id}", jobsApi::get),
        Route.delete("/v1/jobs/{id}", jobsApi::cancel),
        Route.get("/v1/jobs/{id}/failures", jobsApi::failures),
        Route.get("/v1/jobs/{id}/events", jobsApi::events),
        Route.get("/v1/streams/{id}/events", streams::resume),
        Route.delete("/v1/streams/{id}", streams::stop),
        Route.get("/v1/corpora", operating::list).needs(Scope.ADMIN),
        Route.get("/v1/takedowns", operating::takedowns).needs(Scope.ADMIN),
        Route.post("/v1/takedowns", operating::takeDown).needs(Scope.ADMIN),
        Route.get("/v1/key", key::state).open(),
        Route.post("/v1/key", key::keep).open(),
        Route.delete("/v1/key", key::forget).open(),
        Route.post("/knn-service", knn::knn),
        Route.post("/metadata", knn::metadata),
        Route.get("/indices-list", knn::indices),
        Route.get("/openapi.json", new Description()::handle).open(),
        Route.get("/healthz", ctx -> ctx.json(Map.of("status", "up"))).open(),
        Route.get("/readyz", this::ready).open(),
        Route.get(
                "/metrics",
                ctx ->
                    ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(service.metrics().scrape()))
            .needs(Scope.ADMIN),
        Route.get(
                "/metrics-summary",
                ctx ->
                    ctx.contentType("text/plain; charset=utf-8")
                        .result(service.metrics().summary()))
            .needs(Scope.ADMIN));
  }

  /// The routes as `METHOD /path`, for comparing with what is described.
  public List<String> routeNames() {
    return routes().stream().map(route -> route.method() + " " + route.path()).toList();
  }

  private void model(Context ctx) {
    EngineInfo info = service.answerer().info();
    Models.check(Optional.of(ctx.pathParam("model")), info.bundle());
    ctx.json(Models.of(info, opened));
  }

  private void ready(Context ctx) {
    health.requireReady();
    ctx.json(
        Map.of(
            "status", "ready",
            "model", service.answerer().info().bundle(),
            "images", service.answerer().info().images()));
  }

  @Override
  public void close() {
    jobs.close();
    streams.close();
    watchClock.shutdownNow();
    state.close();
  }
}
