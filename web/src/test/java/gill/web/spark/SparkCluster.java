package gill.web.spark;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A standalone cluster of one machine: a Master and Workers as processes. Each Worker has 4 cores
/// to give away, whatever the machine has.
final class SparkCluster implements AutoCloseable {
  private static final long SECONDS = 180;

  private final Path home;
  private final Path folder;
  private final int webPort;
  private final Process master;
  private final String url;
  private final List<Process> workers = new ArrayList<>();

  /// @param home where Spark is installed
  /// @param folder for logs and the Workers' files
  SparkCluster(Path home, Path folder) throws IOException, InterruptedException {
    this.home = home;
    this.folder = Files.createDirectories(folder);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      webPort = free.getLocalPort();
    }
    master =
        start(
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--webui-port",
            Integer.toString(webPort));
    try {
      await("the Master", () -> !state().path("url").isMissingNode());
      url = state().path("url").stringValue();
      haveWorkers(2);
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /// `spark://HOST:PORT`
  String url() {
    return url;
  }

  static Map<String, String> environment(Path home) {
    return Map.of(
        "JAVA_HOME",
        System.getProperty("java.home"),
        "SPARK_HOME",
        home.toString(),
        "SPARK_LOCAL_IP",
        "127.0.0.1",
        "SPARK_DAEMON_MEMORY",
        "512m");
  }

  /// Starts as many Workers as are wanting.
  void haveWorkers(int count) throws IOException, InterruptedException {
    workers.removeIf(worker -> !worker.isAlive());
    while (workers.size() < count) {
      workers.add(
          start(
              "org.apache.spark.deploy.worker.Worker",
              "--host",
              "127.0.0.1",
              "--cores",
              "4",
              "--memory",
              "8g",
              "--webui-port",
              "0",
              "--work-dir",
              Files.createTempDirectory(folder, "work").toString(),
              url));
    }
    await(count + " Workers", () -> state().path("aliveworkers").asInt() == count);
  }

  /// SIGKILL to one of the processes that run a job's tasks.
  void killExecutor() {
    workers.stream()
        .flatMap(SparkCluster::executors)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no executor is running"))
        .destroyForcibly();
  }

  /// SIGKILL to a Worker and to what it runs.
  void killWorker() throws InterruptedException {
    Process worker =
        workers.stream()
            .filter(it -> executors(it).findAny().isPresent())
            .findFirst()
            .orElseThrow(() -> new AssertionError("no Worker runs an executor"));
    kill(worker);
  }

  /// What a Worker runs for jobs. It has other children too, shells that have ended.
  private static Stream<ProcessHandle> executors(Process worker) {
    return worker
        .toHandle()
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("/java"));
  }

  private static void kill(Process process) throws InterruptedException {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly().waitFor();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  private Process start(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("bin/spark-class").toString()));
    command.add(program);
    command.addAll(List.of(arguments));
    Path log =
        Files.createTempFile(folder, program.substring(program.lastIndexOf('.') + 1), ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment(home));
    return builder.start();
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private void await(String what, Condition condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!condition.holds()) {
      if (master.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        throw new AssertionError(what + " did not start, see the logs in " + folder);
      }
    }
  }

  /// What the Master tells of itself; nothing while it does not answer, or that it is starting.
  private JsonNode state() {
    try (InputStream in =
        URI.create("http://127.0.0.1:" + webPort + "/json/").toURL().openStream()) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException | JacksonException _) {
      return JsonMapper.shared().createObjectNode();
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (Process worker : workers) {
      kill(worker);
    }
    kill(master);
  }
}
