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
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
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
