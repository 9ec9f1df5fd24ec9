package gill.web;

import gill.engine.EngineOptions;
import gill.web.api.Answerer;
import gill.web.api.Api;
import gill.web.api.Health;
import gill.web.api.Problem;
import gill.web.api.RequestId;
import gill.web.jobs.Corpora;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.staticfiles.Location;
import io.javalin.json.JavalinJackson3;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinBindException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The HTTP server: API, page and metrics on one port. It does not own the engine: close that after
/// the server.
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /// Connections that wait to be looked at. Java's own 50 are too few for a burst: what comes
  /// beyond is reset instead of refused with 503.
  private static final int WAITING_CONNECTIONS = 4096;

  private static final long ASYNC_TIMEOUT_MILLIS = 0;

  private final Javalin javalin;
  private final Api api;
  private final WebOptions options;

  private Server(Javalin javalin, Api api, WebOptions options) {
    this.javalin = javalin;
    this.api = api;
    this.options = options;
  }

  /// Starts to listen and to take work. Throws [PortInUseException] if the address is taken.
  public static Server start(Answerer answerer, EngineOptions engine, WebOptions options) {
    return start(answerer, engine, options, Corpora.NONE);
  }

  /// As [#start(Answerer, EngineOptions, WebOptions)], where an operator may index and take down.
  public static Server start(
      Answerer answerer, EngineOptions engine, WebOptions options, Corpora corpora) {
    Server server = listen(answerer, engine, options, corpora);
    server.ready();
    return server;
  }

  /// As [#listen(Answerer, EngineOptions, WebOptions, Corpora)], without an operator.
  public static Server listen(Answerer answerer, EngineOptions engine, WebOptions options) {
    return listen(answerer, engine, options, Corpora.NONE);
  }

  /// Starts to listen, but refuses work with 503 until [#ready]; the answerer is not asked before.
  /// Throws [PortInUseException] if the address is taken.
  public static Server listen(
      Answerer answerer, EngineOptions engine, WebOptions options, Corpora corpora) {
    Api api =
        new Api(
            answerer,
            engine,
            options.limits(),
            options.patience(),
            Optional.ofNullable(options.state()),
            options.requestsPerMinute(),
            Optional.ofNullable(options.kept()),
            corpora);
    Javalin javalin = Javalin.create(config -> configure(config, api, options));
    try {
      javalin.start(options.host(), options.port());
    } catch (JavalinBindException e) {
      api.close();
      throw new PortInUseException(options.host(), options.port(), e);
    }
    return new Server(javalin, api, options);
  }

  /// Throws [PortInUseException] if the address is taken, before an engine is opened in vain.
  public static void requireFree(WebOptions options) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(options.host(), options.port()));
    } catch (IOException | IllegalArgumentException e) {
      throw new PortInUseException(options.host(), options.port(), e);
    }
  }

  private static void configure(JavalinConfig config, Api api, WebOptions options) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.concurrency.useVirtualThreads = true;
    config.jsonMapper(new JavalinJackson3(api.json(), true));
    config.http.maxRequestSize = options.limits().bodyBytes();
    config.http.prefer405over404 = true;
    config.http.asyncTimeout = ASYNC_TIMEOUT_MILLIS;
    config.staticFiles.add(files -> {
      files.directory = "/page";
      files.location = Location.CLASSPATH;
      files.headers = Map.of("Cache-Control", "no-cache");
    });
    config.jetty.modifyHttpConfiguration(http -> {
      http.setSendServerVersion(false);
      http.setIdleTimeout(options.patience().idle().toMillis());
    });
    config.jetty.addConnector((server, http) -> {
      ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
      connector.setHost(options.host());
      connector.setPort(options.port());
      connector.setAcceptQueueSize(WAITING_CONNECTIONS);
      SlowHeaders.watch(connector, http, options.patience().idle());
      return connector;
    });
    config.jetty.modifyServer(server -> server.setErrorHandler(new ProblemPages(api.json())));
    config.jetty.modifyServletContextHandler(
        handler -> handler.setErrorHandler(new ProblemPages(api.json())));
    config.router.javaLangErrorHandler((response, error) -> fatal(response, error, api));
    config.requestLogger.http((ctx, ms) -> log(ctx, ms, api));
    config.routes.before(RequestId::begin);
    config.routes.before(ctx -> follow(ctx, api.health()));
    config.routes.before(SecurityHeaders::add);
    if (SecurityHeaders.isLoopback(options.host())) {
      config.routes.before(SecurityHeaders::requireLocalHost);
    }
    api.declare(config.routes);
  }

  private static void follow(Context ctx, Health health) {
    health.began();
    Request.addCompletionListener(
        ServletContextRequest.getServletContextRequest(ctx.req()), _ -> health.ended());
  }

  private static void fatal(HttpServletResponse response, Error error, Api api) {
    LOG.error("a request failed", error);
    if (response.isCommitted()) {
      return;
    }
    Problem problem =
        new Problem(500, "internal_error", "The server failed on this request; its log says why.");
    response.setStatus(problem.status());
    response.setContentType(Problem.CONTENT_TYPE);
    try {
      response
          .getOutputStream()
          .print(
              api.json()
                  .writeValueAsString(problem.body().of(response.getHeader(RequestId.HEADER))));
    } catch (IOException e) {
      LOG.debug("the client has left", e);
    }
  }

  private static void log(Context ctx, float milliseconds, Api api) {
    @Nullable Endpoint endpoint = ctx.endpoints().lastHttpEndpoint();
    String route = endpoint == null ? "other" : endpoint.path;
    api.metrics()
        .request(
            route,
            ctx.method().name(),
            ctx.statusCode(),
            Duration.ofNanos(Math.round(milliseconds * 1e6)));
    Map<String, Double> stages = RequestId.stages(ctx);
    // What the models worked for is worth a line; files and lists are not.
    LOG.atLevel(stages.isEmpty() ? Level.DEBUG : Level.INFO)
        .log(
            "{} {} {} {} ms {}",
            ctx.method(),
            route,
            ctx.statusCode(),
            Math.round(milliseconds),
            stages.entrySet().stream()
                .map(it -> it.getKey() + "=" + Math.round(it.getValue()))
                .collect(Collectors.joining(" ")));
    RequestId.forget();
  }

  /// All endpoints as `METHOD /path`.
  public List<String> routeNames() {
    return api.routeNames();
  }

  public int port() {
    return javalin.port();
  }

  public String url() {
    String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
    return "http://" + (host.equals("0.0.0.0") ? "localhost" : host) + ":" + port() + "/";
  }

  /// The answerer is there: from now on work is taken.
  public void ready() {
    api.health().ready();
  }

  /// Takes no more work, so that `/readyz` says 503, and waits until what was begun is answered, at
  /// most so long. False if something was not; [#close] cuts it off.
  public boolean drain(Duration most) throws InterruptedException {
    return api.health().drain(most);
  }

  /// Stops listening and waits for running requests to end.
  @Override
  public void close() {
    javalin.stop();
    api.close();
  }
}
