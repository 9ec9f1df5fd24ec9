package gill.web.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A command that was started in a stage, and what it printed.
record Ran(String command, Process process, Path output, long started) {
  private static final Pattern FIGURES =
      Pattern.compile(
          "(\\d+) parts in \\S+ \\((\\d+) taken over\\), (\\d+) tasks made again, (\\d+) executors"
              + " lost");

  /// What a job on Spark tells at its end.
  record Figures(int parts, int takenOver, int tasksMadeAgain, int executorsLost) {}

  /// @param command of a shell
  static Ran start(Stage stage, String command) throws IOException {
    Path output = Files.createTempFile(stage.folder(), "command", ".log");
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .directory(stage.folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    var environment = builder.environment();
    environment.putAll(SparkCluster.environment(Stage.spark()));
    // The launcher has to find the build's Spark by itself.
    environment.remove("SPARK_HOME");
    environment.put("PATH", Stage.spark().resolve("bin") + ":" + environment.get("PATH"));
    return new Ran(command, builder.start(), output, System.nanoTime());
  }

  /// Starts a job over the stage's corpus with two executors of one core.
  static Ran job(Stage stage, Path index, int partRows, String master, String... further)
      throws IOException {
    return start(
        stage,
        "exec ./gill index photos --out %s --part-rows %d --master '%s' %s %s"
            .formatted(
                index,
                partRows,
                master,
                String.join(" ", further),
                "--spark-conf spark.cores.max=2 --spark-conf spark.executor.cores=1"
                    + " --spark-conf spark.executor.memory=700m"));
  }

  /// Waits until the job has done so many parts.
  void awaitParts(Path parts, int count) throws IOException, InterruptedException {
    while (parts(parts) < count) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
        throw new AssertionError(command + " ended too early:\n" + printed());
      }
      if (seconds() > 300) {
        kill();
        throw new AssertionError(command + " does not begin:\n" + printed());
      }
    }
  }

  private static long parts(Path parts) throws IOException {
    if (!Files.isDirectory(parts)) {
      return 0;
    }
    try (var files = Files.list(parts)) {
      return files.filter(file -> file.getFileName().toString().startsWith("part-")).count();
    }
  }

  /// SIGKILL to the command and to all that it started.
  void kill() {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
  }

  /// Waits until the command has ended well; returns what it printed.
  String end(int seconds) throws IOException, InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      kill();
      throw new AssertionError(command + " does not end:\n" + printed());
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(command + " ended with " + process.exitValue() + ":\n" + printed());
    }
    return printed();
  }

  /// Waits until the job has ended well.
  Figures end() throws IOException, InterruptedException {
    String printed = end(300);
    Matcher figures = FIGURES.matcher(printed);
    if (!figures.find()) {
      throw new AssertionError(command + " tells no figures:\n" + printed);
    }
    return new Figures(
        number(figures, 1), number(figures, 2), number(figures, 3), number(figures, 4));
  }

  private static int number(Matcher figures, int group) {
    return Integer.parseInt(figures.group(group));
  }

  double seconds() {
    return (System.nanoTime() - started) / 1e9;
  }

  String printed() throws IOException {
    return Files.readString(output);
  }
}
