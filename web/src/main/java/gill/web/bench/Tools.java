package gill.web.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Programs that the comparison runs. The libraries of other makers are fetched into a folder of
/// the build when they are first needed; nothing of them is part of this program.
final class Tools {
  private final Path sources;
  private final Path folder;

  /// @param sources the folder `web/src/bench` of the project
  /// @param folder to install into
  Tools(Path sources, Path folder) {
    this.sources = sources;
    this.folder = folder;
  }

  /// What runs `script` of the Python sources.
  List<String> python(String script) {
    Path environment = folder.resolve("python");
    Path program = environment.resolve("bin/python");
    Path wanted = sources.resolve("python/requirements.txt");
    Path installed = environment.resolve("installed.txt");
    if (!same(wanted, installed)) {
      run(List.of("python3", "-m", "venv", environment.toString()));
      run(
          List.of(
              program.toString(),
              "-m",
              "pip",
              "install",
              "--quiet",
              "--disable-pip-version-check",
              "-r",
              wanted.toString()));
      copy(wanted, installed);
    }
    return List.of(program.toString(), sources.resolve("python").resolve(script).toString());
  }

  /// What runs the JVector program.
  List<String> jvector(List<String> flags) {
    Path target = folder.resolve("jvector");
    Path pom = sources.resolve("jvector/pom.xml");
    Path installed = target.resolve("installed.xml");
    if (!same(pom, installed)) {
      run(
          List.of(
              "mvn", "-q", "-B", "-f", pom.toString(), "-Dfolder=" + target, "process-resources"));
      copy(pom, installed);
    }
    List<String> command = new ArrayList<>(java(flags));
    command.addAll(
        List.of(
            "-cp",
            target.resolve("lib") + "/*",
            sources.resolve("jvector/src/main/java/JVectorPeer.java").toString()));
    return command;
  }

  /// What runs a class of this program.
  List<String> here(List<String> flags, String main) {
    List<String> command = new ArrayList<>(java(flags));
    command.add("-Dgill.root=" + System.getProperty("gill.root", ""));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    return command;
  }

  private static List<String> java(List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(flags);
    return command;
  }

  private static boolean same(Path one, Path other) {
    try {
      return Files.exists(other) && Files.mismatch(one, other) < 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compare " + one + " with " + other, e);
    }
  }

  private static void copy(Path from, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Files.writeString(to, Files.readString(from));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + to, e);
    }
  }

  /// Runs a program to its end and returns what it printed. Its errors go where this program's go.
  /// Throws [IllegalStateException] if it fails.
  static String run(List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    Map<String, String> environment = builder.environment();
    environment.put("OMP_WAIT_POLICY", "PASSIVE");
    try {
      Process process = builder.start();
      try (Stream<String> lines = process.inputReader(StandardCharsets.UTF_8).lines()) {
        String printed = lines.collect(Collectors.joining("\n"));
        int exit = process.waitFor();
        if (exit != 0) {
          throw new IllegalStateException(
              command.getFirst() + " failed with exit code " + exit + ": " + command);
        }
        return printed;
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot run " + command.getFirst() + ": " + e.getMessage() + "; is it installed?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the measurement was broken off", e);
    }
  }
}
