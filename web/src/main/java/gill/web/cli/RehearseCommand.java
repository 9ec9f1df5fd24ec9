package gill.web.cli;

import gill.engine.EngineOptions;
import gill.web.Deployment.Place;
import gill.web.LiveEngine;
import gill.web.Server;
import gill.web.WebOptions;
import gill.web.load.Ask;
import gill.web.load.ServerLoad;
import java.net.URI;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `gill rehearse`: what the launcher lets the JVM watch to make its cache of loaded classes.
@Command(
    name = "rehearse",
    hidden = true,
    mixinStandardHelpOptions = true,
    header = "Starts a server, asks it each kind of question once, and stops.")
final class RehearseCommand implements Callable<Integer> {
  @Mixin private Places places;

  @Override
  public Integer call() throws InterruptedException {
    try (LiveEngine engine = LiveEngine.unopened(EngineOptions.DEFAULT);
        Server server =
            Server.listen(
                engine,
                EngineOptions.DEFAULT,
                new WebOptions("127.0.0.1", 0, WebOptions.DEFAULT.limits(), null, 0))) {
      engine.switchTo(new Place(places.bundle(), places.index()));
      server.ready();
      try (ServerLoad load = new ServerLoad(URI.create(server.url()), "")) {
        for (Ask ask : Ask.values()) {
          load.level(ask, 1, 1);
        }
      }
    }
    return 0;
  }
}
