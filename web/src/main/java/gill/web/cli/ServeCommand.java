package gill.web.cli;

import gill.engine.EngineInfo;
import gill.engine.EngineOptions;
import gill.web.Deployment.Place;
import gill.web.LiveEngine;
import gill.web.Server;
import gill.web.WebOptions;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gill serve`: the HTTP server.
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    header = "Serves the page and the HTTP API until it is stopped (Ctrl+C).")
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private ServeOptions options;

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
  private static final int OPEN_RATE = 600;
  private static final Duration LOOK = Duration.ofSeconds(1);

  /// Options of `serve` and `demo` (a picocli mixin).
  static final class ServeOptions {
    @Option(
        names = "--port",
        paramLabel = "N",
        defaultValue = "7860",
        description = "Port to listen on; 0 = any free one (default: 7860).")
    private int port;

    @Option(
        names = "--host",
        paramLabel = "ADDRESS",
        defaultValue = "127.0.0.1",
        description =
            "Address to listen on (default: 127.0.0.1, this machine only). Make"
                + " a key with gill keys before you open it to others.")
    private String host = "127.0.0.1";

    @Option(
        names = "--threads",
        paramLabel = "N",
        defaultValue = "0",
        description = "Native threads per model call (default: all cores).")
    private int threads;

    @Option(
        names = "--queue",
        paramLabel = "N",
        description =
            "Requests that may wait while one is answered; one more is refused with 503 (default:"
                + " ${DEFAULT-VALUE}).")
    private int queue = EngineOptions.DEFAULT.queueLimit();

    @Option(
        names = "--rate",
        paramLabel = "N",
        description =
            "Requests that one key or address may send in a minute; 0 = no limit (default: 600,"
                + " none on the loopback address).")
    private int rate = -1;

    @Option(
        names = "--state",
        paramLabel = "DIR",
        description =
            "Folder for what survives a restart, such as feedback (default: "
                + Places.DEFAULT_STATE
                + ").")
    private Path state = Path.of("");

    @Option(
        names = "--keep-generated",
        description =
            "Index generated pictures that a reader accepts (kept, or switched to), as source"
                + " 'generated'; their files go into the state folder.")
    private boolean keepGenerated;

    @Option(
        names = "--deployment",
        paramLabel = "FILE",
        description =
            "Serve the bundle and index that this file names, and turn to others when it names them"
                + " (gill corpus switch); --bundle and --index are then left out.")
    private @Nullable Path deployment;

    @Option(
        names = "--index-root",
        paramLabel = "DIR",
        description =
            "Folder whose pictures and manifests may be indexed from the page and over HTTP; may be"
                + " repeated (default: none, no indexing over HTTP).")
    private List<Path> indexRoots = List.of();

    @Option(
        names = "--drain",
        paramLabel = "SECONDS",
        defaultValue = "30",
        description =
            "How long answers that have begun may take when the server is told to stop"
                + " (default: 30).")
    private int drain;

    Duration drain() {
      if (drain < 0) {
        throw new CommandException("--drain must be at least 0, got " + drain, 2);
      }
      return Duration.ofSeconds(drain);
    }

    WebOptions web() {
      if (port < 0 || port > 65_535) {
        throw new CommandException("--port must be in 0 to 65535, got " + port, 2);
      }
      Path folder = Places.state(state);
      return new WebOptions(
          host,
          port,
          WebOptions.DEFAULT.limits(),
          WebOptions.DEFAULT.patience(),
          folder,
          rate(),
          keepGenerated ? folder.resolve("generated") : null);
    }

    private int rate() {
      return rate >= 0 ? rate : isLoopback(host) ? 0 : OPEN_RATE;
    }

    EngineOptions engine() {
      if (threads < 0 || queue < 1) {
        throw new CommandException("--threads must be at least 0 and --queue at least 1", 2);
      }
      EngineOptions usual = EngineOptions.DEFAULT;
      return new EngineOptions(threads, queue, usual.imageCacheBytes(), usual.maxSessions());
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    serve(places, options, spec.commandLine().getOut(), System.nanoTime());
    return 0;
  }

  /// Serves until the process is told to stop, then answers what it has begun. The server listens
  /// while the models are opened.
  static void serve(Places places, ServeOptions options, PrintWriter out, long startedNanos)
      throws InterruptedException {
    WebOptions web = options.web();
    Duration drain = options.drain();
    if (!options.indexRoots.isEmpty() && places.isSolr()) {
      throw new CommandException(
          "--index-root needs an index folder to serve: images come into a Solr collection by gill"
              + " index, then gill corpus push",
          2);
    }
    Server.requireFree(web);
    try (Stop stop = Stop.listen();
        LiveEngine engine = LiveEngine.unopened(options.engine())) {
      FutureTask<Boolean> opening = new FutureTask<>(() -> open(engine, places, options), true);
      Thread.ofPlatform().daemon().name("opening").start(opening);
      try (Server server =
          Server.listen(
              engine,
              options.engine(),
              web,
              new ServedCorpora(engine::place, options.indexRoots))) {
        done(opening);
        server.ready();
        greet(engine.info(), server.url(), web, out, System.nanoTime() - startedNanos);
        stop.await();
        if (!server.drain(drain)) {
          LOG.warn("some requests had not been answered after {} s", drain.toSeconds());
        }
      }
    }
  }

  private static void greet(
      EngineInfo info, String url, WebOptions web, PrintWriter out, long nanoseconds) {
    out.printf(
        Locale.ROOT,
        "GILL is ready after %.1f s: %s%n  model %s %s, %d images in the index. Ctrl+C stops it.%n",
        nanoseconds / 1e9,
        url,
        info.bundle(),
        info.version(),
        info.images());
    if (!isLoopback(web.host())) {
      out.println(
          "  Note: whoever reaches "
              + web.host()
              + " can use this server, unless there are keys (gill keys create).");
    }
    out.flush();
  }

  private static void open(LiveEngine engine, Places places, ServeOptions options) {
    if (options.deployment == null) {
      engine.switchTo(new Place(places.bundle(), places.index()));
    } else {
      engine.follow(options.deployment, LOOK);
    }
  }

  private static void done(FutureTask<Boolean> opening) throws InterruptedException {
    try {
      opening.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException fault ? fault : new IllegalStateException(e);
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException _) {
      return false;
    }
  }
}
