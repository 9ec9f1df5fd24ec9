package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Color;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that others wrote for other servers, unmodified, against this one. `./gill test` puts
/// the packages under web/target/clients.
@Tag("clients")
class ClientsTest {
  private static final Path ROOT = Path.of(System.getProperty("gill.root", ".."));

  private final RunningServer running;
  private final String base;

  ClientsTest(@TempDir Path folder) {
    running = new RunningServer(folder);
    base = "http://127.0.0.1:" + running.server.port();
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private static String python(String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("python3", ROOT.resolve("web/src/test/python").resolve(script).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", ROOT.resolve("web/target/clients").toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.strip();
  }

  @Test
  void openAiClient_chatsDrawsEmbedsAndLists() throws Exception {
    String picture = Base64.getEncoder().encodeToString(ScriptedEngine.png(Color.RED, 32));
    assertEquals("ok", python("openai_client.py", base, picture));
  }

  @Test
  void clipRetrievalClient_findsByTextImageAndVector(@TempDir Path folder) throws Exception {
    Path picture = folder.resolve("red.png");
    Files.write(picture, ScriptedEngine.png(Color.RED, 32));
    assertEquals("ok", python("clip_client.py", base, picture.toString()));
  }
}
