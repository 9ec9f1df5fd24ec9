package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.testing.TinyBundle;
import gill.web.api.Answerer;
import gill.web.cli.Gill;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A real server with the real engine, on the tiny bundle and a small corpus.
public final class TinyServer implements AutoCloseable {
  private final Engine engine;
  private final Server server;

  public TinyServer(Path folder) throws IOException {
    Path bundle = TinyBundle.copyTo(folder);
    Path index = index(folder, bundle);
    engine = Engine.open(bundle, index, EngineOptions.DEFAULT);
    WebOptions usual = WebOptions.DEFAULT.withPort(0);
    server =
        Server.start(
            Answerer.of(engine),
            EngineOptions.DEFAULT,
            new WebOptions(usual.host(), 0, usual.limits(), folder.resolve("state"), 0));
  }

  /// Indexes a few pictures and returns the index's folder.
  public static Path index(Path folder, Path bundle) throws IOException {
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    List<Color> colours = List.of(Color.RED, Color.GREEN, Color.BLUE, Color.YELLOW, Color.PINK);
    for (int i = 0; i < colours.size(); i++) {
      Files.write(
          pictures.resolve("picture-" + i + ".png"),
          ScriptedEngine.png(colours.get(i), 40 + 8 * i));
      Files.writeString(pictures.resolve("picture-" + i + ".txt"), "picture number " + i);
    }
    Path index = folder.resolve("index");
    assertEquals(
        0,
        Gill.commandLine()
            .execute(
                "index",
                pictures.toString(),
                "--out",
                index.toString(),
                "--bundle",
                bundle.toString()));
    return index;
  }

  public String base() {
    return "http://127.0.0.1:" + server.port();
  }

  Server server() {
    return server;
  }

  @Override
  public void close() {
    server.close();
    engine.close();
  }
}
