package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.TakedownList;
import gill.engine.retrieval.VectorFormat;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.IndexingReport;
import gill.indexer.parts.PartOutcome;
import gill.indexer.parts.PartPlan;
import gill.indexer.parts.PartWork;
import gill.indexer.parts.PartsFolder;
import gill.indexer.parts.PartsIndex;
import gill.indexer.parts.PartsJob;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.ReportFiles;
import gill.indexer.write.EmbeddingReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A job cut into parts gives what a job of one machine gives.
class PartsTest {
  private static final int IMAGES = 150;

  @TempDir Path temporary;

  @Test
  void parts_giveTheIndexAndTheReportOfOneMachine() throws IOException {
    Path corpus = corpus();
    Path index = temporary.resolve("index");
    IndexingReport local = local(corpus, temporary.resolve("local"));
    IndexingReport parts = inParts(corpus, index);
    assertEquals(contents(temporary.resolve("local")), contents(index));
    assertEquals(
        Files.readString(temporary.resolve("local").resolve(ReportFiles.FAILURES)),
        Files.readString(index.resolve(ReportFiles.FAILURES)));
    assertEquals(local.total(), parts.total());
    assertEquals(local.images(), parts.images());
    assertEquals(local.duplicates(), parts.duplicates());
    assertEquals(local.changes(), parts.changes());
    assertEquals(local.failuresByReason(), parts.failuresByReason());
    assertEquals(local.failures(), parts.failures());
    assertEquals(
        LuceneBackend.readHeader(temporary.resolve("local")), LuceneBackend.readHeader(index));
  }

  @Test
  void takenDownImages_areInNeitherPartNorIndex() throws IOException {
    Path corpus = corpus();
    Path index = Files.createDirectory(temporary.resolve("index"));
    new TakedownList(Set.of(new ImageSelector(ImageSelector.Kind.ID, "a/p070.png"))).write(index);
    IndexingReport report = inParts(corpus, index);
    assertEquals(1, report.failuresByReason().get("taken_down"));
    assertFalse(contents(index).toString().contains("p070"));
    for (Path parquet : new PartsFolder(parts()).parquets()) {
      EmbeddingReader.forEach(
          parquet, (row, _) -> assertFalse(row.image().id().value().contains("p070")));
    }
  }

  @Test
  void brokenOffJob_goesOnWithThePartsThatAreDone() throws IOException {
    Path corpus = corpus();
    Path index = temporary.resolve("index");
    PartPlan plan = plan(corpus, index, false);
    try (PartsJob job = PartsJob.open(plan, ColourEmbedder.BUNDLE.fingerprint())) {
      PartWork work = new PartWork(job.plan(), new ColourEmbedder());
      work.run(0, (_, _) -> {});
      work.run(2, (_, _) -> {});
    }
    Files.createDirectory(parts().resolve(".part-00001-half"));
    // A row of part 2 is another picture now.
    Pictures.write(corpus.resolve("a/p090.png"), Pictures.bytes("png", 9, 9, 0xfedcba));
    ColourEmbedder embedder = new ColourEmbedder();
    try (PartsJob job = PartsJob.open(plan, ColourEmbedder.BUNDLE.fingerprint())) {
      assertFalse(Files.exists(parts().resolve(".part-00001-half")));
      List<PartOutcome> outcomes = all(job, embedder);
      assertEquals(
          List.of(true, false, false, false, false),
          outcomes.stream().map(PartOutcome::takenOver).toList());
      IndexingReport report =
          PartsIndex.make(
              job, embedder, VectorFormat.AUTO, outcomes, Instant.now(), IndexingListener.NONE);
      assertEquals(32, report.resumed());
      assertEquals(IMAGES - 2, report.images());
    }
    IndexingReport local = local(corpus, temporary.resolve("local"));
    assertEquals(IMAGES - 2, local.images());
    assertEquals(contents(temporary.resolve("local")), contents(index));
  }

  @Test
  void samePartTwiceAtATime_isOnePart() throws IOException, InterruptedException {
    Path corpus = corpus();
    Path index = temporary.resolve("index");
    try (PartsJob job =
        PartsJob.open(plan(corpus, index, false), ColourEmbedder.BUNDLE.fingerprint())) {
      List<Thread> twins = new ArrayList<>();
      for (int twin = 0; twin < 4; twin++) {
        twins.add(
            Thread.ofPlatform()
                .start(() -> new PartWork(job.plan(), new ColourEmbedder()).run(1, (_, _) -> {})));
      }
      for (Thread twin : twins) {
        twin.join();
      }
      try (Stream<Path> left = Files.list(parts())) {
        assertEquals(
            List.of("part-00001"),
            left.map(path -> path.getFileName().toString())
                .filter(name -> name.contains("part-"))
                .toList());
      }
      IndexingReport report =
          PartsIndex.make(
              job,
              new ColourEmbedder(),
              VectorFormat.AUTO,
              all(job, new ColourEmbedder()),
              Instant.now(),
              IndexingListener.NONE);
      assertEquals(IMAGES - 2, report.images());
      assertEquals(0, report.duplicates());
    }
  }

  @Test
  void shards_areIndexesOfTheirOwn() throws IOException {
    Path corpus = corpus();
    Path index = temporary.resolve("index");
    PartPlan plan = plan(corpus, index, true);
    try (PartsJob job = PartsJob.open(plan, ColourEmbedder.BUNDLE.fingerprint())) {
      all(job, new ColourEmbedder());
      int images = 0;
      for (int part = 0; part < job.parts(); part++) {
        try (SearchBackend shard =
            LuceneBackend.open(plan.folder().shard(part), ColourEmbedder.BUNDLE)) {
          images += shard.size();
        }
      }
      assertEquals(IMAGES - 2, images);
    }
  }

  @Test
  void folderOfSomethingElse_orOfARunningJob_isRefused() throws IOException {
    Path corpus = corpus();
    Path index = temporary.resolve("index");
    PartPlan plan = plan(corpus, index, false);
    String bundle = ColourEmbedder.BUNDLE.fingerprint();
    try (PartsJob _ = PartsJob.open(plan, bundle)) {
      IndexException second =
          assertThrows(IndexException.class, () -> PartsJob.open(plan, bundle).close());
      assertTrue(second.getMessage().contains("at work in"), second.getMessage());
    }
    Files.writeString(parts().resolve("thesis.txt"), "mine");
    IndexException foreign =
        assertThrows(IndexException.class, () -> PartsJob.open(plan, bundle).close());
    assertTrue(foreign.getMessage().contains("thesis.txt"), foreign.getMessage());
    assertThrows(IndexException.class, () -> PartsJob.forget(plan));
    assertTrue(Files.exists(parts().resolve("thesis.txt")));
  }

  @Test
  void corpusWithoutImages_isRefused() throws IOException {
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    PartPlan plan = plan(empty, temporary.resolve("index"), false);
    assertThrows(CorpusException.class, () -> PartsJob.open(plan, "f").close());
  }

  @Test
  void partRows_growWithTheCorpus() {
    assertEquals(256, PartPlan.partRows(1000, 16));
    assertEquals(512, PartPlan.partRows(1_000_000, 16));
    assertEquals(50_000, PartPlan.partRows(100_000_000, 16));
  }

  private Path parts() {
    return temporary.resolve("parts");
  }

  private PartPlan plan(Path corpus, Path index, boolean shards) {
    return new PartPlan(
        parts().toString(),
        corpus.toString(),
        temporary.resolve("pictures").toString(),
        "",
        index.toString(),
        16,
        32,
        32,
        shards);
  }

  private IndexingReport inParts(Path corpus, Path index) {
    ColourEmbedder embedder = new ColourEmbedder();
    Instant started = Instant.now();
    try (PartsJob job =
        PartsJob.open(plan(corpus, index, false), ColourEmbedder.BUNDLE.fingerprint())) {
      assertEquals(5, job.parts());
      return PartsIndex.make(
          job, embedder, VectorFormat.AUTO, all(job, embedder), started, IndexingListener.NONE);
    }
  }

  private static List<PartOutcome> all(PartsJob job, ColourEmbedder embedder) {
    PartWork work = new PartWork(job.plan(), embedder);
    List<PartOutcome> outcomes = new ArrayList<>();
    for (int part = 0; part < job.parts(); part++) {
      outcomes.add(work.run(part, (_, _) -> {}));
    }
    return outcomes;
  }

  private static IndexingReport local(Path corpus, Path index) {
    return new IndexingJob(new ColourEmbedder())
        .run(IndexingPlan.of(CorpusSource.open(corpus), index), IndexingListener.NONE);
  }

  /// 150 pictures, one of them empty, one black (for which the model has no vector).
  private Path corpus() throws IOException {
    Path corpus = temporary.resolve("corpus");
    for (int i = 0; i < IMAGES; i++) {
      Path picture = corpus.resolve("a/p%03d.png".formatted(i));
      Pictures.write(picture, i == 60 ? 0 : 0x100000 + 0x2f1d7 * i);
      Files.writeString(
          picture.resolveSibling("p%03d.txt".formatted(i)), "a «picture» №" + i + "\n");
    }
    Pictures.write(corpus.resolve("a/p003.png"), new byte[0]);
    return corpus;
  }

  private static List<String> contents(Path index) {
    List<String> contents = new ArrayList<>();
    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      UnitVector query = UnitVector.normalise(new float[] {3, 2, 1});
      backend
          .search(new RetrievalQuery(VectorField.CLIP, query, 1000, Set.of()))
          .bestFirst()
          .forEach(hit -> contents.add(hit.score() + " " + backend.find(hit.id()).orElseThrow()));
      assertEquals(backend.size(), contents.size());
    }
    return contents;
  }
}
