package gill.web.api;

import gill.engine.EngineInfo;
import gill.engine.EngineOptions;
import gill.web.access.ApiKeys;
import gill.web.access.RateLimits;
import gill.web.access.Scope;
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

  private static final long CONVERSATION_BYTES = 256L << 20;

  private final Service service;
  private final FeedbackStore store;
  private final Guard guard;
  private final ScheduledExecutorService watchClock;
  private final long opened;

  /// @param state folder of what survives a restart; empty = nothing does
  /// @param requestsPerMinute of one caller; 0 = no limit
  public Api(
      Answerer answerer,
      EngineOptions options,
      Limits limits,
      Optional<Path> state,
      int requestsPerMinute) {
    this.store = FeedbackStore.open(state, JsonAnswers.mapper());
    Admission admission = new Admission(options.queueLimit() + 1);
    InstantSource clock = InstantSource.system();
    this.opened = clock.millis() / 1000;
    this.guard =
        new Guard(
            state.map(folder -> new ApiKeys(folder.resolve(KEYS))),
            new RateLimits(requestsPerMinute, clock));
    this.watchClock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("disconnect-watch").factory());
    this.service =
        new Service(
            answerer,
            new ImageRefs(answerer, limits),
            limits,
            admission,
            new Conversations(options.maxSessions(), CONVERSATION_BYTES, options.sessionIdle()),
            new Metrics(admission),
            JsonAnswers.mapper(),
            watchClock,
            clock);
  }

  public JsonMapper json() {
    return service.json();
  }

  public Metrics metrics() {
    return service.metrics();
  }

  /// Declares the routes and what a failure looks like.
  public void declare(RoutesConfig routes) {
    for (Route route : routes()) {
      routes.addHttpHandler(route.method(), route.path(), route.guarded(guard));
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
    ImagesApi images = new ImagesApi(service.answerer());
    FeedbackApi feedback = new FeedbackApi(service, store);
    KeyApi key = new KeyApi(service, guard);
    KnnApi knn = new KnnApi(service);
    return List.of(
        Route.post("/v1/chat/completions", new ChatApi(service)::handle),
        Route.post("/v1/lookup", new LookupApi(service)::handle),
        Route.post("/v1/search", new SearchApi(service)::handle),
        Route.post("/v1/images/generations", new GenerationsApi(service)::handle),
        Route.post("/v1/embeddings", new EmbeddingsApi(service)::handle),
        Route.get("/v1/images/generated/{sha256}", images::generated),
        // Before the next one, which would take "/similar" for the end of an id.
        Route.get("/v1/images/<id>/similar", new SimilarApi(service)::handle).withRate(),
        Route.get("/v1/images/<id>", images::corpus),
        Route.post("/v1/feedback", feedback::add).needs(Scope.WRITE),
        Route.get("/v1/feedback", feedback::list).needs(Scope.ADMIN),
        Route.get("/v1/models", ctx -> ctx.json(Models.list(service.answerer().info(), opened))),
        Route.get("/v1/models/{model}", this::model),
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
    ctx.json(
        Map.of(
            "status", "ready",
            "model", service.answerer().info().bundle(),
            "images", service.answerer().info().images()));
  }

  @Override
  public void close() {
    watchClock.shutdownNow();
    store.close();
  }
}
