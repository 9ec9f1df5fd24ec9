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
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
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
        defaultValue = "16",
        description = "Requests that may wait; one more is refused with 503 (default: 16).")
    private int queue;

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

    WebOptions web() {
      if (port < 0 || port > 65_535) {
        throw new CommandException("--port must be in 0 to 65535, got " + port, 2);
      }
      Path folder = Places.state(state);
      return new WebOptions(
          host,
          port,
          WebOptions.DEFAULT.limits(),
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

  /// Serves until the process is told to stop.
  static void serve(Places places, ServeOptions options, PrintWriter out, long startedNanos)
      throws InterruptedException {
    WebOptions web = options.web();
    Server.requireFree(web);
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    try (LiveEngine engine = open(places, options);
        Server server = Server.start(engine, options.engine(), web)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(told, stopped), "stop"));
      EngineInfo info = engine.info();
      Duration took = Duration.ofNanos(System.nanoTime() - startedNanos);
      out.printf(
          Locale.ROOT,
          "GILL is ready after %.1f s: %s%n  model %s %s, %d images in the index. Ctrl+C stops"
              + " it.%n",
          took.toMillis() / 1000.0,
          server.url(),
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
      told.await();
    } finally {
      stopped.countDown();
    }
  }

  private static LiveEngine open(Places places, ServeOptions options) {
    return options.deployment == null
        ? LiveEngine.open(new Place(places.bundle(), places.index()), options.engine())
        : LiveEngine.following(options.deployment, options.engine(), LOOK);
  }

  // Runs in the shutdown hook: waits until server and engine are closed.
  private static void stop(CountDownLatch told, CountDownLatch stopped) {
    told.countDown();
    try {
      stopped.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
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
