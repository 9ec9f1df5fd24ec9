package gill.web.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.retrieval.IndexContents;
import gill.engine.runtime.Bundle;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingListener;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.parts.PartsFolder;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import gill.indexer.write.EmbeddingReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Jobs on Spark, on this machine alone and on a real cluster of processes, left in peace and
/// killed: their index and report are those of one machine.
@Tag("cluster")
@TestInstance(Lifecycle.PER_CLASS)
class SparkIndexTest {
  private static final Path DOC = Path.of("..", "docs", "indexing.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```sh\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final int PARTS = Stage.ROWS / 16;

  /// What a report says of this run, not of the corpus.
  private static final Set<String> OF_THE_RUN =
      Set.of(
          "index",
          "started",
          "seconds",
          "images_per_second",
          "stage_seconds",
          "throughput",
          "resumed");

  private final Stage stage;
  private final SparkCluster cluster;
  private final Path local;

  SparkIndexTest(@TempDir Path folder) throws IOException, InterruptedException {
    this.stage = Stage.in(folder);
    this.local = stage.index("local");
    this.cluster = new SparkCluster(Stage.spark(), folder.resolve("cluster"));
  }

  @BeforeAll
  void onOneMachine() throws IOException {
    try (Bundle bundle = Bundle.open(stage.bundle())) {
      var report =
          new IndexingJob(BundleEmbedder.of(bundle))
              .run(
                  IndexingPlan.of(CorpusSource.open(stage.corpus()), local), IndexingListener.NONE);
      assertEquals(Stage.IMAGES, report.images());
      assertEquals(Stage.FAILING.size(), report.failed());
    }
  }

  @AfterAll
  void close() throws InterruptedException {
    cluster.close();
  }

  @Test
  void jobJar_isOfThePresentSources() throws IOException {
    assertPacked(Stage.job().resolve("gill-spark.jar"), "web");
    for (String module : List.of("engine", "indexer")) {
      assertPacked(Stage.job().resolve("lib/" + module + "-0.1.0-SNAPSHOT.jar"), module);
    }
  }

  private static void assertPacked(Path jar, String module) throws IOException {
    Path classes = Stage.job().resolve("../../../" + module + "/target/classes").normalize();
    try (JarFile packed = new JarFile(jar.toFile())) {
      List<JarEntry> entries =
          packed.stream().filter(entry -> entry.getName().endsWith(".class")).toList();
      assertTrue(entries.size() > 10, jar.toString());
      for (JarEntry entry : entries) {
        assertArrayEquals(
            Files.readAllBytes(classes.resolve(entry.getName())),
            packed.getInputStream(entry).readAllBytes(),
            jar + " is of other sources (" + entry + "): mvn -DskipTests package");
      }
    }
  }

  @Test
  void documentedCommands_makeTheIndexAndTheReportOfOneMachine()
      throws IOException, InterruptedException {
    List<String> commands = commands();
    assertEquals(3, commands.size(), commands.toString());
    for (String command : commands) {
      Path index = stage.index("my-index");
      Ran ran = Ran.start(stage, command.replace("spark://HOST:7077", cluster.url()));
      assertEquals(0, ran.end().takenOver(), command);
      assertSame(index, parts(index));
      figures(command.split(" ")[0] + (command.contains("local") ? " local[2]" : " cluster"), ran);
      delete(index);
      delete(parts(index));
    }
  }

  private static List<String> commands() throws IOException {
    String text = Files.readString(DOC);
    List<String> commands = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text.substring(text.indexOf("\n## On Spark")));
    while (blocks.find()) {
      blocks
          .group(1)
          .replace("\\\n", " ")
          .lines()
          .filter(line -> line.contains("--master"))
          .forEach(commands::add);
    }
    return commands;
  }

  @Test
  void shards_areLoadedByTheEngine() throws IOException, InterruptedException {
    Path index = stage.index("sharded");
    start(index, "local[2]", "--shards").end();
    assertSame(index, parts(index));
    long images = 0;
    PartsFolder parts = new PartsFolder(parts(index));
    for (int part = 0; part < PARTS; part++) {
      try (Engine engine = Engine.open(stage.bundle(), parts.shard(part), EngineOptions.DEFAULT)) {
        images += engine.info().images();
      }
    }
    assertEquals(Stage.ROWS - Stage.FAILING.size(), images);
  }

  @Test
  void executorThatCrashes_losesNothing() throws IOException, InterruptedException {
    Path index = stage.index("crashed");
    cluster.haveWorkers(2);
    Ran job = start(index, cluster.url());
    job.awaitParts(parts(index), 3);
    cluster.killExecutor();
    Ran.Figures figures = job.end();
    assertTrue(figures.executorsLost() >= 1, figures.toString());
    assertSame(index, parts(index));
    figures("executor killed", job);
  }

  @Test
  void workerThatIsKilled_losesNothing() throws IOException, InterruptedException {
    Path index = stage.index("killed");
    cluster.haveWorkers(2);
    Ran job = start(index, cluster.url());
    job.awaitParts(parts(index), 3);
    cluster.killWorker();
    Ran.Figures figures = job.end();
    assertTrue(figures.executorsLost() >= 1, figures.toString());
    assertSame(index, parts(index));
    figures("Worker and its executor killed", job);
  }

  @Test
  void driverThatIsKilled_goesOnWithThePartsThatAreDone() throws IOException, InterruptedException {
    Path index = stage.index("restarted");
    cluster.haveWorkers(2);
    Ran first = start(index, cluster.url());
    first.awaitParts(parts(index), 3);
    first.kill();
    Ran second = start(index, cluster.url());
    Ran.Figures figures = second.end();
    assertTrue(figures.takenOver() >= 3 && figures.takenOver() < PARTS, figures.toString());
    assertSame(index, parts(index));
    figures("driver killed, second run", second);
  }

  private Ran start(Path index, String master, String... further) throws IOException {
    return Ran.job(stage, index, 16, master, further);
  }

  static Path parts(Path index) {
    return index.resolveSibling(index.getFileName() + "-parts");
  }

  /// No row is lost, none is there twice, and what became of them is what becomes of them on one
  /// machine.
  private void assertSame(Path index, Path parts) throws IOException {
    List<Long> rows = new ArrayList<>();
    for (Path parquet : new PartsFolder(parts).parquets()) {
      EmbeddingReader.forEach(parquet, (_, row) -> rows.add(row));
    }
    assertEquals(
        LongStream.range(0, Stage.ROWS).boxed().filter(it -> !Stage.FAILING.contains(it)).toList(),
        rows);
    assertEquals(contents(local), contents(index));
    assertEquals(report(local), report(index));
    for (String list : List.of(ReportFiles.FAILURES, ReportFiles.DUPLICATES)) {
      assertEquals(
          Files.readString(local.resolve(list)), Files.readString(index.resolve(list)), list);
    }
  }

  /// Who made it, and every image with its vectors.
  private static List<Object> contents(Path index) {
    List<Object> rows = new ArrayList<>();
    try (IndexContents contents = IndexContents.open(index)) {
      rows.add(contents.header());
      contents.forEachRemaining(rows::add);
    }
    assertEquals(Stage.IMAGES + 1, rows.size());
    return rows;
  }

  private static JsonNode report(Path index) throws IOException {
    ObjectNode report =
        (ObjectNode)
            JsonMapper.shared().readTree(Files.readString(index.resolve(ReportFiles.REPORT)));
    return report.remove(OF_THE_RUN);
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void figures(String what, Ran ran) throws IOException, InterruptedException {
    Ran.Figures figures = ran.end();
    System.getLogger("SparkIndexTest")
        .log(
            System.Logger.Level.INFO,
            String.format(
                Locale.ROOT,
                "%s: %d rows, none lost, none doubled; %d parts, %d taken over, %d tasks made"
                    + " again, %d executors lost; %.0f s",
                what,
                Stage.ROWS,
                figures.parts(),
                figures.takenOver(),
                figures.tasksMadeAgain(),
                figures.executorsLost(),
                ran.seconds()));
  }
}
