package gill.web.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.flow.Cancellation;
import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageMode;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.PromptPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import gill.engine.retrieval.SolrCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole way past one machine, with real servers and processes: a job on a Spark cluster, its
/// images in a SolrCloud, and the engine asked for one of them.
@Tag("cluster")
class SparkToSolrTest {
  private static final List<String> ASKED = List.of("picture number 7", "a red apple", "a");

  @Test
  void sparkJob_toSolr_isLookedUpByTheEngine_asOnOneMachine(@TempDir Path folder)
      throws IOException, InterruptedException {
    Stage stage = Stage.in(folder);
    Path index = stage.index("photos-index");
    try (SolrCluster solr = SolrCluster.start(2)) {
      String urls = String.join(",", solr.urls());
      try (SparkCluster spark = new SparkCluster(Stage.spark(), folder.resolve("cluster"))) {
        spark.haveWorkers(2);
        Ran job = Ran.job(stage, index, 32, spark.url());
        assertEquals(10, job.end().parts());
        note("Spark job", job.seconds());
      }
      push(stage, index, urls, "of-index", "--shards 2 --replicas 2 --out served");
      push(stage, SparkIndexTest.parts(index), urls, "of-parts", "--out served-parts");

      try (Engine local = Engine.open(stage.bundle(), index, EngineOptions.DEFAULT);
          Engine served = open(stage, "served");
          Engine servedParts = open(stage, "served-parts")) {
        assertEquals(Stage.IMAGES, local.info().images());
        assertEquals(Stage.IMAGES, served.info().images());
        assertEquals(Stage.IMAGES, servedParts.info().images());
        for (String asked : ASKED) {
          LookupResult expected = lookup(local, asked);
          LookupResult found = lookup(served, asked);
          assertEquals(scores(expected), scores(found), asked);
          assertEquals(shown(expected), shown(found), asked);
          assertEquals(scores(expected), scores(lookup(servedParts, asked)), asked);
        }
      }
    }
  }

  private static Engine open(Stage stage, String served) {
    return Engine.open(stage.bundle(), stage.folder().resolve(served), EngineOptions.DEFAULT);
  }

  private static void push(Stage stage, Path source, String urls, String name, String further)
      throws IOException, InterruptedException {
    Ran push =
        Ran.start(
            stage,
            "exec ./gill corpus push %s --solr-url %s --collection %s %s"
                .formatted(source, urls, name, further));
    String told = push.end(120);
    assertTrue(told.contains("holds " + Stage.IMAGES + " images"), told);
    note("push to " + name, push.seconds());
  }

  private static LookupResult lookup(Engine engine, String asked) {
    Turn turn =
        new Turn(
            List.of(),
            List.of(new PromptPart.TextPart(asked)),
            Set.of(),
            ImageMode.RETRIEVE,
            SamplingOptions.DEFAULT,
            GenerationOptions.DEFAULT,
            4);
    return engine.lookup(turn, _ -> {}, Cancellation.NEVER);
  }

  /// The pictures repeat, and those of one picture are equally near: their scores are what counts.
  private static List<String> scores(LookupResult result) {
    List<String> scores = new ArrayList<>();
    result.candidates().forEach(hit -> scores.add("%.4f".formatted(hit.score())));
    assertTrue(scores.size() > 2, scores.toString());
    return scores;
  }

  private static String shown(LookupResult result) {
    Output.RetrievedImage image = assertInstanceOf(Output.RetrievedImage.class, result.image());
    return "%.4f".formatted(image.hit().score());
  }

  private static void note(String what, double seconds) {
    System.getLogger("SparkToSolrTest")
        .log(System.Logger.Level.INFO, String.format(Locale.ROOT, "%s: %.0f s", what, seconds));
  }
}
