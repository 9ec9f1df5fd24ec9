package gill.engine.retrieval;

import gill.engine.retrieval.solr.SolrPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A real SolrCloud of this machine: a ZooKeeper and some nodes, each a process that can be killed.
///
/// The class path comes from `engine/solr-test-servers`, which `./gill test --suite cluster` has
/// resolved before. The processes end with this one.
public final class SolrCluster implements AutoCloseable {
  /// So long a node may be silent until ZooKeeper takes it for dead.
  static final Duration SESSION = Duration.ofSeconds(10);

  private static final Path SERVERS = servers();

  private final Path folder;
  private final List<@Nullable Process> nodes = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final int zooKeeperPort = freePort();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private @Nullable Process zooKeeper;

  private SolrCluster(Path folder) {
    this.folder = folder;
  }

  /// Starts ZooKeeper and `count` nodes and waits until all answer.
  public static SolrCluster start(int count) {
    SolrCluster cluster = new SolrCluster(temporary());
    try {
      cluster.startZooKeeper();
      for (int i = 0; i < count; i++) {
        cluster.ports.add(freePort());
        cluster.nodes.add(null);
        cluster.startNode(i);
      }
      for (int i = 0; i < count; i++) {
        cluster.awaitNode(i);
      }
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("gill-solr-cluster");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The folder of `engine/solr-test-servers`, from wherever a module's tests run.
  private static Path servers() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path servers = at.resolve("engine/solr-test-servers");
      if (Files.isDirectory(servers)) {
        return servers;
      }
    }
    throw new IllegalStateException("no engine/solr-test-servers above the working folder");
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public List<String> urls() {
    return ports.stream().map(port -> "http://127.0.0.1:" + port + "/solr").toList();
  }

  public String url(int node) {
    return urls().get(node);
  }

  /// The node that the cluster calls `name` (host:port_solr).
  int nodeOf(String name) {
    for (int i = 0; i < ports.size(); i++) {
      if (name.equals("127.0.0.1:" + ports.get(i) + "_solr")) {
        return i;
      }
    }
    throw new IllegalArgumentException("no node is called " + name);
  }

  public SolrPlace place(String collection) {
    return new SolrPlace(urls(), collection);
  }

  public void startZooKeeper() {
    zooKeeper =
        java(
            "zookeeper",
            List.of("-Xmx128m", "-Dzookeeper.admin.enableServer=false"),
            List.of(
                "zookeeper",
                Integer.toString(zooKeeperPort),
                folder.resolve("zookeeper").toString()));
  }

  public void startNode(int node) {
    nodes.set(
        node,
        java(
            "node" + node,
            List.of("-Xmx512m", "-DzkClientTimeout=" + SESSION.toMillis()),
            List.of(
                "solr",
                folder.resolve("node" + node).toString(),
                Integer.toString(ports.get(node)),
                "127.0.0.1:" + zooKeeperPort)));
  }

  private Process java(String name, List<String> options, List<String> main) {
    try {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Dsolr.log.dir=" + folder,
                  "-Dlog4j2.configurationFile=" + SERVERS.resolve("src/log4j2.xml").toUri(),
                  "-Dnode.log=" + folder.resolve(name + ".log"),
                  "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")),
                  "-cp",
                  Files.readString(SERVERS.resolve("target/classpath")).strip()));
      command.addAll(options);
      command.add(SERVERS.resolve("src/TestServer.java").toString());
      command.addAll(main);
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.to(folder.resolve(name + ".out").toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot start " + name + "; ./gill test --suite cluster resolves what it needs", e);
    }
  }

  public void awaitNode(int node) {
    String address = url(node) + "/admin/info/system";
    await(Duration.ofSeconds(240), "node " + node + " answers", () -> answers(address));
  }

  private boolean answers(String address) {
    try {
      return http.send(
                  HttpRequest.newBuilder(URI.create(address))
                      .timeout(Duration.ofSeconds(5))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What a node's HTTP API says.
  public String get(int node, String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(url(node) + path))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException _) {
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits until `reached`, at most `budget`; returns how long it took.
  public static Duration await(Duration budget, String what, BooleanSupplier reached) {
    long start = System.nanoTime();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() - start > budget.toNanos()) {
        throw new AssertionError("after " + budget.toSeconds() + " s still not: " + what);
      }
      pause(Duration.ofMillis(100));
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /// As [#await], until it has been so for `lasting` without a break.
  static void awaitLasting(
      Duration budget, Duration lasting, String what, BooleanSupplier reached) {
    long[] since = {0};
    await(
        budget,
        what + " for " + lasting.toSeconds() + " s",
        () -> {
          if (!reached.getAsBoolean()) {
            since[0] = 0;
            return false;
          }
          since[0] = since[0] == 0 ? System.nanoTime() : since[0];
          return System.nanoTime() - since[0] >= lasting.toNanos();
        });
  }

  static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// As kill -9.
  public void killNode(int node) {
    kill(nodes.get(node));
  }

  /// As kill -9.
  public void killZooKeeper() {
    kill(zooKeeper);
  }

  private static void kill(@Nullable Process process) {
    if (process != null) {
      process.destroyForcibly();
      try {
        process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Bytes of all logs.
  public long logBytes() {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().contains(".log") || file.toString().endsWith(".out"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    nodes.forEach(SolrCluster::kill);
    kill(zooKeeper);
    http.close();
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
