package gill.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeRuntimeTest {
  /// Starts the environment and prints a word.
  static final class Start {
    private Start() {}

    public static void main(String[] arguments) {
      NativeRuntime.environment();
      System.out.println("started with " + arguments[0].length());
    }
  }

  /// ONNX Runtime overflowed an ordinary thread's stack here, which ended the process.
  @Test
  void environment_withALongCommandLine_starts() throws IOException, InterruptedException {
    String longArgument = "picture ".repeat(12_000);
    Process process =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Start.class.getName(),
                    longArgument))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertEquals(
        "started with " + longArgument.length(), output.strip().lines().toList().getLast());
  }
}
