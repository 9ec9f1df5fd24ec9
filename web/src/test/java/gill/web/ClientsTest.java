package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.fault.InferenceException;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that others wrote for other servers, unmodified, against this one.
@Tag("clients")
class ClientsTest {
  private static final String PICTURE =
      Base64.getEncoder().encodeToString(ScriptedEngine.png(Color.RED, 32));

  private final RunningServer running;
  private final String base;

  ClientsTest(@TempDir Path folder) {
    running = new RunningServer(folder);
    running.engine.failure = InferenceException.overloaded("the queue of 2 is full");
    base = base(running);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private static String base(RunningServer server) {
    return "http://127.0.0.1:" + server.server.port();
  }

  private static String python(String script, String... arguments)
      throws IOException, InterruptedException {
    return Clients.script("python3", "python", script, arguments);
  }

  private static String node(String script, String... arguments)
      throws IOException, InterruptedException {
    return Clients.script("node", "javascript", script, arguments);
  }

  @Test
  void openAiClientForPython_chatsDrawsEmbedsAndLists() throws Exception {
    assertEquals("ok", python("openai_client.py", base, PICTURE));
  }

  @Test
  void openAiClientForJavaScript_chatsDrawsEmbedsAndLists() throws Exception {
    assertEquals("ok", node("openai_client.cjs", base, PICTURE));
  }

  @Test
  void openAiClients_waitAsLongAsTheRateAsks(@TempDir Path folder) throws Exception {
    try (RunningServer limited = new RunningServer(folder, 40)) {
      assertEquals("ok", python("openai_client.py", base(limited), PICTURE, "rate"));
      assertEquals("ok", node("openai_client.cjs", base(limited), PICTURE, "rate"));
    }
  }

  @Test
  void clipRetrievalClient_findsByTextImageAndVector(@TempDir Path folder) throws Exception {
    Path picture = folder.resolve("red.png");
    Files.write(picture, ScriptedEngine.png(Color.RED, 32));
    assertEquals("ok", python("clip_client.py", base, picture.toString()));
  }
}
