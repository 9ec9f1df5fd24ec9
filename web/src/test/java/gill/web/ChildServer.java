package gill.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `gill serve` in a process of its own, on a free port.
final class ChildServer implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http://\\S+:(\\d+)/");

  private final Process process;
  private final int port;

  ChildServer(Path bundle, Path index, Path state, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "gill.web.cli.Gill",
                "serve",
                "--port=0",
                "--bundle=" + bundle,
                "--index=" + index,
                "--state=" + state));
    command.addAll(List.of(options));
    Path errors = Files.createTempFile("child-server", ".log");
    process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    Matcher address = ADDRESS.matcher(line == null ? "" : line);
    if (!address.find()) {
      process.destroyForcibly();
      throw new IOException("the server said " + line + "; " + Files.readString(errors));
    }
    Files.delete(errors);
    port = Integer.parseInt(address.group(1));
  }

  int port() {
    return port;
  }

  /// SIGTERM.
  void stop() {
    process.destroy();
  }

  /// SIGKILL.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the server does not stop");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
