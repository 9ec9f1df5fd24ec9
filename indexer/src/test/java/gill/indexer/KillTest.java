package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.VectorFormat;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import gill.indexer.write.Journal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A job's process is killed at random points; the index must be that of a job left in peace.
class KillTest {
  /// Of the short version; `-Dgill.kill.images=2000 -Dgill.kill.kills=50` runs the long one.
  private static final int IMAGES = Integer.getInteger("gill.kill.images", 400);

  private static final int KILLS = Integer.getInteger("gill.kill.kills", 8);
  private static final int BATCH = 8;
  private static final long SEED = 20261123;

  @TempDir Path temporary;

  @Test
  void killedJob_resumes_andItsIndexIsThatOfAnUndisturbedOne()
      throws IOException, InterruptedException {
    Path corpus = corpus();
    Path calm = temporary.resolve("calm");
    Path killed = temporary.resolve("killed");
    Path log = temporary.resolve("log");
    new IndexingJob(new ColourEmbedder())
        .run(
            new IndexingPlan(
                CorpusSource.open(corpus),
                calm,
                gill.engine.vision.ImageLimits.DEFAULT,
                BATCH,
                16,
                IndexingPlan.Mode.REPLACE,
                VectorFormat.AUTO,
                KilledJob.EXTRAS),
            IndexingListener.NONE);

    Random random = new Random(SEED);
    int kills = 0;
    Process process = start(corpus, killed, log);
    while (kills < KILLS && !isDoneBeforeItIsKilled(process, log, KILLS - kills, random)) {
      process.destroyForcibly();
      process.waitFor();
      kills++;
      process = start(corpus, killed, log);
    }
    assertEquals(0, process.waitFor());

    // The last kills may come too late.
    assertTrue(kills >= KILLS * 3 / 4, "only " + kills + " kills, seed " + SEED);
    assertEquals(contents(calm), contents(killed), "seed " + SEED);
    assertEquals(
        Files.readString(calm.resolve(ReportFiles.FAILURES)),
        Files.readString(killed.resolve(ReportFiles.FAILURES)));
    assertFalse(Journal.exists(killed));
    long embedded = Files.readAllLines(log).stream().mapToLong(Long::parseLong).sum();
    System.getLogger("KillTest")
        .log(
            System.Logger.Level.INFO,
            "{0} kills over {1} images: the index is that of a calm run; {2} pictures embedded",
            kills,
            IMAGES,
            embedded);
    assertTrue(
        embedded <= IMAGES + (long) kills * BATCH,
        embedded + " pictures embedded for " + IMAGES + " and " + kills + " kills");
  }

  /// Waits for a random number of model calls, and a little more; says whether the job ended first.
  private static boolean isDoneBeforeItIsKilled(
      Process process, Path log, int killsLeft, Random random)
      throws IOException, InterruptedException {
    long before = calls(log);
    long left = Math.max(1, IMAGES / BATCH - before);
    long wanted = before + random.nextLong(Math.max(1, 2 * left / (killsLeft + 2)) + 1);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (calls(log) < wanted && System.nanoTime() < deadline) {
      if (process.waitFor(2, TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return process.waitFor(random.nextInt(30), TimeUnit.MILLISECONDS);
  }

  private static long calls(Path log) throws IOException {
    return Files.exists(log) ? Files.size(log) / 2 : 0;
  }

  @Test
  void damagedEndOfTheJournal_isDoneAgain() throws IOException {
    Path corpus = corpus();
    Path index = temporary.resolve("index");
    ColourEmbedder embedder = new ColourEmbedder();
    IndexingPlan plan = IndexingPlan.of(CorpusSource.open(corpus), index);
    breakOffAt(plan, 160);
    Path journal = index.resolve(Journal.FILE);
    try (FileChannel channel = FileChannel.open(journal, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 5);
    }
    assertEquals(144, new IndexingJob(embedder).run(plan, IndexingListener.NONE).resumed());
    assertEquals(IMAGES - 1, contents(index).size());
  }

  @Test
  void rowsThatChangedMeanwhile_areDoneAgain() throws IOException {
    Path corpus = corpus();
    Path index = temporary.resolve("index");
    IndexingPlan plan = IndexingPlan.of(CorpusSource.open(corpus), index);
    breakOffAt(plan, 160);
    Pictures.write(corpus.resolve("p0100.png"), Pictures.bytes("png", 9, 9, 0xfedcba));
    assertEquals(
        96, new IndexingJob(new ColourEmbedder()).run(plan, IndexingListener.NONE).resumed());
    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      assertEquals(9, backend.find(new ImageId("p0100.png")).orElseThrow().width());
    }
  }

  private static void breakOffAt(IndexingPlan plan, long rows) {
    try {
      new IndexingJob(new ColourEmbedder())
          .run(
              plan,
              progress -> {
                if (progress.done() == rows) {
                  throw new IllegalStateException("broken off");
                }
              });
    } catch (IllegalStateException e) {
      assertEquals("broken off", e.getMessage());
    }
    assertTrue(Journal.exists(plan.index()));
  }

  private Path corpus() throws IOException {
    Path corpus = Files.createDirectory(temporary.resolve("corpus"));
    for (int i = 0; i < IMAGES; i++) {
      Pictures.write(corpus.resolve("p%04d.png".formatted(i)), 0x100000 + 0x2f1d7 * i);
    }
    Pictures.write(corpus.resolve("p0203.png"), new byte[0]);
    return corpus;
  }

  /// Records and vectors in the index's order: each found id with its exact cosine to fixed
  /// queries.
  private static List<String> contents(Path index) {
    List<String> contents = new ArrayList<>();
    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      UnitVector query = UnitVector.normalise(new float[] {3, 2, 1});
      backend
          .search(new RetrievalQuery(VectorField.CLIP, query, IMAGES + 1, Set.of()))
          .bestFirst()
          .forEach(hit -> contents.add(hit.score() + " " + backend.find(hit.id()).orElseThrow()));
      assertEquals(backend.size(), contents.size());
    }
    return contents;
  }

  private static Process start(Path corpus, Path index, Path log) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "gill.indexer.KilledJob",
            corpus.toString(),
            index.toString(),
            log.toString(),
            Integer.toString(BATCH))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
