package gill.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Programs of others in child processes. `./gill test` puts their packages under
/// web/target/clients.
final class Clients {
  private static final Path ROOT = Path.of(System.getProperty("gill.root", ".."));

  private Clients() {}

  /// What a program printed, and how it ended.
  record Ran(int code, String output) {}

  static Ran run(Path folder, List<String> command) throws IOException, InterruptedException {
    Path packages = ROOT.resolve("web/target/clients").toAbsolutePath();
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "PYTHONPATH",
                packages.resolve("python").toString(),
                "PYTHONDONTWRITEBYTECODE",
                "1",
                "NODE_PATH",
                packages.resolve("javascript/node_modules").toString()));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output.strip());
  }

  /// What `program` prints that runs a script of the tests' folder `language`.
  static String script(String program, String language, String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program));
    Path file = ROOT.resolve("web/src/test").resolve(language).resolve(script).toAbsolutePath();
    command.add(file.toString());
    command.addAll(List.of(arguments));
    return run(Path.of("."), command).output();
  }
}
