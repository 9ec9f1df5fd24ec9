package gill.web.api;

import gill.engine.EngineInfo;
import gill.engine.EngineOptions;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import tools.jackson.databind.json.JsonMapper;

/// All endpoints of the HTTP API (docs/api.md). Close it after the server has stopped.
public final class Api implements AutoCloseable {
  private static final long CONVERSATION_BYTES = 256L << 20;

  private final Service service;
  private final ScheduledExecutorService watchClock;
  private final long opened;

  public Api(Answerer answerer, EngineOptions options, Limits limits) {
    Admission admission = new Admission(options.queueLimit() + 1);
    InstantSource clock = InstantSource.system();
    this.opened = clock.millis() / 1000;
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
    ChatApi chat = new ChatApi(service);
    LookupApi lookup = new LookupApi(service);
    SearchApi search = new SearchApi(service);
    ImagesApi images = new ImagesApi(service.answerer());
    routes.post("/v1/chat/completions", chat::handle);
    routes.post("/v1/lookup", lookup::handle);
    routes.post("/v1/search", search::handle);
    routes.get("/v1/images/generated/{sha256}", images::generated);
    routes.get("/v1/images/<id>", images::corpus);
    GenerationsApi generations = new GenerationsApi(service);
    routes.post("/v1/images/generations", generations::handle);
    EmbeddingsApi embeddings = new EmbeddingsApi(service);
    routes.post("/v1/embeddings", embeddings::handle);
    routes.get("/v1/models", ctx -> ctx.json(Models.list(service.answerer().info(), opened)));
    routes.get("/v1/models/{model}", this::model);
    routes.get("/healthz", ctx -> ctx.json(Map.of("status", "up")));
    routes.get("/readyz", this::ready);
    routes.get(
        "/metrics",
        ctx ->
            ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                .result(service.metrics().scrape()));
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
  }
}
