package gill.web;

import gill.engine.EngineOptions;
import gill.engine.vision.ImageLimits;
import gill.web.api.Limits;
import gill.web.api.Patience;
import java.nio.file.Path;

/// A real server on a free port with an engine that does as it is told, and a client of it.
final class RunningServer implements AutoCloseable {
  static final Limits LIMITS =
      new Limits(200_000, 1000, 6, 2, new ImageLimits(20_000, 1_000_000, 2000));
  static final int PLACES = 3;

  final ScriptedEngine engine;
  final Server server;
  final Http http;
  final ScriptedCorpora corpora = new ScriptedCorpora();

  RunningServer(Path folder) {
    this(folder, 0);
  }

  RunningServer(Path folder, int requestsPerMinute) {
    this(folder, requestsPerMinute, Patience.DEFAULT);
  }

  RunningServer(Path folder, int requestsPerMinute, Patience patience) {
    EngineOptions usual = EngineOptions.DEFAULT;
    engine = new ScriptedEngine(folder);
    server =
        Server.start(
            engine,
            new EngineOptions(1, PLACES - 1, usual.imageCacheBytes(), 10),
            new WebOptions("127.0.0.1", 0, LIMITS, folder.resolve("state"), requestsPerMinute)
                .with(patience),
            corpora);
    http = new Http(server);
  }

  @Override
  public void close() {
    http.close();
    server.close();
  }
}
