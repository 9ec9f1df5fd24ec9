package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Google's Lighthouse on every view. `./gill test` puts its packages under web/target/clients.
@Tag("browser")
class LighthousePageTest {
  private static final Path ROOT = Path.of(System.getProperty("gill.root", ".."));
  private static final int LEAST = 95;
  private static final List<String> VIEWS =
      List.of("#chat", "#search?q=apple&explain=1", "#index", "#decision");

  private final RunningServer running;

  LighthousePageTest(@TempDir Path folder) {
    running = new RunningServer(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobile", "desktop"})
  void accessibilityAndBestPractices_areNearlyFull(String form) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "node",
                ROOT.resolve("web/src/test/page/scores.mjs").toString(),
                ROOT.resolve("web/target/clients/page/node_modules").toString(),
                form));
    VIEWS.stream().map(view -> running.server.url() + view).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CHROME_PATH", "/usr/bin/chromium");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    List<String> lines = output.lines().filter(line -> line.matches("\\d+ \\d+ #.*")).toList();
    assertEquals(VIEWS.size(), lines.size(), output);
    for (String line : lines) {
      assertTrue(
          Stream.of(line.split(" ")).limit(2).mapToInt(Integer::parseInt).min().orElse(0) >= LEAST,
          line);
    }
  }
}
