package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.retrieval.SolrCluster;
import gill.engine.runtime.Bundle;
import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.parts.PartPlan;
import gill.indexer.parts.PartWork;
import gill.indexer.parts.PartsJob;
import gill.web.Deployment;
import gill.web.jobs.Corpora;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// From a job's pictures to searches in a SolrCloud, by the commands that an operator types.
@Tag("cluster")
class PushCommandTest {
  @TempDir Path temporary;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return gill.execute(arguments);
  }

  private void done(String... arguments) {
    assertEquals(0, run(arguments), () -> err + "" + out);
  }

  private JsonNode search(Path bundle, String... place) {
    String[] arguments = new String[place.length + 5];
    System.arraycopy(
        new String[] {"search", "--bundle", bundle.toString(), "--json", "red apple"},
        0,
        arguments,
        0,
        5);
    System.arraycopy(place, 0, arguments, 5, place.length);
    done(arguments);
    return new JsonMapper().readTree(out.toString());
  }

  @Test
  void indexAndParts_pushed_answerAsTheIndexDoes() throws IOException {
    Path bundle = TinyBundle.copyTo(temporary.resolve("bundle"));
    Path index = TinyCorpus.index(temporary, bundle, 24);
    Path parts = temporary.resolve("parts");
    embed(bundle, parts);
    JsonNode expected = search(bundle, "--index", index.toString());
    assertFalse(expected.toString().isEmpty());
    try (SolrCluster cluster = SolrCluster.start(2)) {
      String urls = String.join(",", cluster.urls());
      Path folder = temporary.resolve("served");
      done(
          "corpus",
          "push",
          index.toString(),
          "--solr-url",
          urls,
          "--collection",
          "one",
          "--shards",
          "2",
          "--replicas",
          "2",
          "--alias",
          "pictures",
          "--out",
          folder.toString());
      assertTrue(out.toString().contains("holds 24 images; 24 written"), out.toString());
      JsonNode found =
          search(bundle, "--backend", "solr", "--solr-url", urls, "--collection", "pictures");
      assertEquals(hits(expected), hits(found));
      assertEquals(hits(expected), hits(search(bundle, "--index", folder.toString())));

      servedCollection_isListed_andTakesDown(bundle, folder);

      done("corpus", "push", parts.toString(), "--solr-url", urls, "--collection", "two");
      assertTrue(out.toString().contains("holds 24 images; 24 written"), out.toString());
      assertEquals(
          24,
          search(
                  bundle,
                  "--backend",
                  "solr",
                  "--solr-url",
                  urls,
                  "--collection",
                  "two",
                  "--limit",
                  "50")
              .get("hits")
              .size());
      done(
          "corpus",
          "push",
          index.toString(),
          "--solr-url",
          urls,
          "--collection",
          "two",
          "--update");

      assertEquals(
          1, run("corpus", "push", index.toString(), "--solr-url", urls, "--collection", "two"));
      assertTrue(err.toString().contains("exists already"), err.toString());
      assertEquals(2, run("search", "boat", "--backend", "solr", "--collection", "two"));
      assertTrue(err.toString().contains("--solr-url"), err.toString());
      assertEquals(
          1,
          run(
              "search",
              "boat",
              "--bundle",
              bundle.toString(),
              "--backend",
              "solr",
              "--solr-url",
              urls,
              "--collection",
              "never"));
      assertTrue(err.toString().contains("there is no Solr collection 'never'"), err.toString());
    }
  }

  private void servedCollection_isListed_andTakesDown(Path bundle, Path folder) {
    ServedCorpora corpora =
        new ServedCorpora(() -> new Deployment.Place(bundle, folder), List.of(temporary));
    Corpora.Corpus served = corpora.list().getFirst();
    assertEquals("pictures", served.name());
    assertTrue(served.live());
    assertEquals(24, served.images());
    assertTrue(served.path().endsWith("/solr/pictures"), served.path());
    assertTrue(
        Math.abs(served.updated() - Instant.now().getEpochSecond()) < 600, served.toString());
    assertFalse(corpora.allowsIndexing());
    assertTrue(corpora.target(null).isEmpty());
    assertTrue(corpora.target("other").isEmpty());

    List<String> ids = ids(search(bundle, "--index", folder.toString()));
    assertEquals(List.of(), corpora.takedowns());
    Corpora.TakenDown first = new Corpora.TakenDown("id", ids.getFirst());
    assertEquals(new Corpora.TakedownResult(1, 23), corpora.takeDown(List.of(first)));
    assertEquals(List.of(first), corpora.takedowns());
    done("corpus", "takedown", "--index", folder.toString(), "--id", ids.get(1));
    assertEquals("1 taken down for good, 22 images left", out.toString().strip());
    done("corpus", "takedown", "--index", folder.toString());
    assertTrue(out.toString().contains(ids.getFirst()), out.toString());
    done("corpus", "delete", "--index", folder.toString(), "--id", ids.get(2));
    assertEquals("1 removed, 21 images left", out.toString().strip());
    List<String> left = ids(search(bundle, "--index", folder.toString()));
    ids.subList(0, 3).forEach(gone -> assertFalse(left.contains(gone), gone));
  }

  private static List<String> ids(JsonNode answer) {
    return answer.get("hits").valueStream().map(hit -> hit.get("id").asString()).toList();
  }

  /// The parts of a job over the same pictures, as an executor of Spark makes them.
  private void embed(Path bundleFolder, Path parts) {
    PartPlan plan =
        new PartPlan(
            parts.toString(),
            temporary.resolve("images").toString(),
            temporary.resolve("copies").toString(),
            "",
            temporary.resolve("never").toString(),
            16,
            32,
            16,
            false);
    try (Bundle bundle = Bundle.open(bundleFolder)) {
      BundleEmbedder embedder = BundleEmbedder.of(bundle);
      try (PartsJob job = PartsJob.open(plan, bundle.fingerprint())) {
        PartWork work = new PartWork(job.plan(), embedder);
        for (int part = 0; part < job.parts(); part++) {
          work.run(part, (_, _) -> {});
        }
      }
    }
  }

  private static String hits(JsonNode answer) {
    StringBuilder hits = new StringBuilder();
    answer
        .get("hits")
        .forEach(hit ->
            hits.append(hit.get("id").asString())
                .append(" %.5f%n".formatted(hit.get("score").asDouble())));
    return hits.toString();
  }
}
