package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.BUNDLE;
import static gill.engine.retrieval.SampleRows.CLIP;
import static gill.engine.retrieval.SampleRows.GILL;
import static gill.engine.retrieval.SampleRows.HEADER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchAnswer.ValueCount;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveIndexTest {
  @TempDir Path temporary;

  private Path write(int images) {
    Path folder = temporary.resolve("index");
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      SampleRows.rows(images, 1).forEach(writer::add);
      writer.commit();
    }
    return folder;
  }

  private static IndexedImage row(String id, String sha256, String url) {
    return SampleRows.withOrigin(
        SampleRows.row(id, SampleRows.vector(new Random(id.hashCode()), CLIP)), sha256, url);
  }

  private static ImageSelector id(String value) {
    return new ImageSelector(ImageSelector.Kind.ID, value);
  }

  private static String first(SearchBackend backend, UnitVector vector) {
    return backend
        .search(new RetrievalQuery(VectorField.CLIP, vector, 1, Set.of()))
        .bestFirst()
        .getFirst()
        .id()
        .value();
  }

  @Test
  void added_updated_removed_isFoundAtOnce_andOthersSeeItAfterTheCommit() {
    Path folder = write(10);
    UnitVector vector = SampleRows.vector(new Random(2), CLIP);
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE);
        LuceneBackend other = LuceneBackend.open(folder, BUNDLE)) {
      SearchBackend searches = live.searches();
      assertEquals(1, live.add(List.of(SampleRows.row("new", vector))));
      assertEquals(11, searches.size());
      assertEquals("new", first(searches, vector));

      UnitVector moved = SampleRows.vector(new Random(3), CLIP);
      live.add(List.of(SampleRows.row("new", moved)));
      assertEquals(11, searches.size());
      assertEquals("new", first(searches, moved));

      assertEquals(1, live.remove(List.of(id("s/00003"), id("never/seen"))));
      assertTrue(searches.find(new ImageId("s/00003")).isEmpty());
      assertEquals(10, searches.size());

      assertFalse(other.refresh(), "nothing is committed");
      assertEquals(10, live.commit());
      assertTrue(other.refresh());
      assertEquals("new", first(other, moved));
      assertEquals(HEADER, other.header());
    }
  }

  @Test
  void close_commits() {
    Path folder = write(5);
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE)) {
      live.add(SampleRows.rows(8, 4));
    }
    try (SearchBackend backend = LuceneBackend.open(folder, BUNDLE)) {
      assertEquals(8, backend.size());
    }
  }

  @Test
  void remove_byDigestAndAddress_takesAllCopies() {
    Path folder = write(5);
    String digest = "12".repeat(32);
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE)) {
      live.add(
          List.of(
              row("a", digest, "https://example.org/1"),
              row("b", digest, "https://example.org/2"),
              row("c", "34".repeat(32), "https://example.org/2")));
      assertEquals(
          2,
          live.remove(List.of(new ImageSelector(ImageSelector.Kind.SHA256, digest.toUpperCase()))));
      assertEquals(
          1,
          live.remove(List.of(new ImageSelector(ImageSelector.Kind.URL, "https://example.org/2"))));
      assertEquals(5, live.searches().size());
    }
  }

  @Test
  void takeDown_isGoneAtOnce_andNoLaterWritingBringsItBack() {
    Path folder = write(5);
    String digest = "12".repeat(32);
    List<IndexedImage> rows =
        List.of(
            row("a", digest, "https://example.org/1"),
            row("b", "34".repeat(32), "https://example.org/2"),
            row("c", "56".repeat(32), "https://example.org/3"),
            row("d", "78".repeat(32), ""));
    List<ImageSelector> unwanted =
        List.of(
            new ImageSelector(ImageSelector.Kind.SHA256, digest),
            new ImageSelector(ImageSelector.Kind.URL, "https://example.org/2"),
            id("c"));
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE)) {
      assertEquals(4, live.add(rows));
      assertEquals(3, live.takeDown(unwanted));
      assertEquals(6, live.searches().size());
      assertEquals(1, live.add(rows), "only d");
    }
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      assertFalse(writer.add(rows.getFirst()));
      assertTrue(writer.add(rows.getLast()));
      assertEquals(1, writer.commit());
    }
    assertEquals(Set.copyOf(unwanted), TakedownList.read(folder).selectors());
  }

  private static IndexedImage withHash(String id, PictureHash hash) {
    IndexedImage row = row(id, "00".repeat(32), "");
    return new IndexedImage(row.image().with(PictureHash.KEY, hash.hex()), row.clip(), row.gill());
  }

  @Test
  void takeDown_byPerceptualHash_meansAllThatLookTheSame_alsoLater() {
    Path folder = write(5);
    PictureHash hash = new PictureHash(0x0f0f_1234_5678_9abcL, -3);
    List<IndexedImage> rows =
        List.of(
            withHash("same", hash),
            withHash("scaled", new PictureHash(hash.across() ^ 0b1011, hash.down() ^ 0b11111)),
            withHash("other", new PictureHash(hash.across() ^ 0b1011, hash.down() ^ 0b111111)));
    ImageSelector unwanted =
        new ImageSelector(ImageSelector.Kind.PHASH, hash.hex().toUpperCase(Locale.ROOT));
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE)) {
      assertEquals(3, live.add(rows));
      assertEquals(2, live.takeDown(List.of(unwanted)));
      assertTrue(live.searches().find(new ImageId("other")).isPresent());
    }
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      assertFalse(writer.add(rows.get(1)));
      assertTrue(writer.add(rows.getLast()));
      writer.commit();
    }
    assertEquals(Set.of(unwanted), TakedownList.read(folder).selectors());
    assertThrows(
        IllegalArgumentException.class,
        () -> new ImageSelector(ImageSelector.Kind.PHASH, "12".repeat(15)));
  }

  /// A writer replaces every row by rows of the next generation, again and again; a search must
  /// never see two generations at once, in its hits, its words, its facets or its pages.
  @Test
  void oneSearch_seesOneState_whileAWriterReplacesEverything() throws Exception {
    Path folder = write(1);
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE)) {
      live.replaceAll(generation(0));
      AtomicBoolean done = new AtomicBoolean();
      Thread writing =
          Thread.ofPlatform()
              .start(() -> {
                for (int generation = 1; generation < 60; generation++) {
                  live.replaceAll(generation(generation));
                }
                done.set(true);
              });
      CorpusSearch search = new CorpusSearch(live.searches());
      QueryEncoders encoders =
          new QueryEncoders(
              _ -> {
                Thread.yield();
                return SampleRows.vector(new Random(3), SampleRows.CLIP);
              },
              _ -> SampleRows.vector(new Random(4), SampleRows.CLIP),
              _ -> SampleRows.vector(new Random(5), SampleRows.GILL));
      SearchRequest request =
          new SearchRequest(List.of(new QueryPart.Words("apple", 1)), 30)
              .with(new Ranking.WeightedScores(1, 1))
              .with(SearchRequest.Detail.EXPLAINED)
              .counting(List.of("metadata.generation"));
      Set<String> seen = new HashSet<>();
      while (!done.get()) {
        SearchAnswer answer = search.search(request, encoders);
        List<ValueCount> generations =
            answer.facets().getOrDefault("metadata.generation", List.of());
        assertEquals(1, generations.size(), generations.toString());
        assertEquals(20, generations.getFirst().count());
        String generation = generations.getFirst().value();
        assertEquals(20, answer.hits().size());
        for (SearchAnswer.Found hit : answer.hits()) {
          assertEquals(generation, hit.image().metadata().get("generation"));
          assertTrue(hit.explanation().orElseThrow().words() > 0);
        }
        seen.add(generation);
      }
      writing.join();
      assertTrue(seen.size() > 1, "the index changed while searches ran: " + seen);
    }
  }

  private static List<IndexedImage> generation(int generation) {
    List<IndexedImage> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      IndexedImage row = row("g" + generation + "/" + i, "00".repeat(32), "");
      ImageRecord image =
          SampleRows.image(row.image().id().value(), "an apple", List.of())
              .with("generation", Integer.toString(generation));
      rows.add(new IndexedImage(image, row.clip(), row.gill()));
    }
    return rows;
  }

  @Test
  void takeDown_whileAJobIsWriting_isObeyedByItsCommit() {
    Path folder = write(5);
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      SampleRows.rows(7, 5).forEach(writer::add);
      TakedownList.read(folder).with(List.of(id("s/00001"))).write(folder);
      assertEquals(6, writer.commit());
    }
  }

  @Test
  void takedownList_lineThatIsNotUnderstood_stopsEveryWriting() throws IOException {
    Path folder = write(3);
    Files.writeString(folder.resolve(TakedownList.FILE), "# reasons\n\nid ok\nsha256 beef\n");
    IndexException e =
        assertThrows(IndexException.class, () -> ImageIndexWriter.replace(folder, HEADER));
    assertTrue(String.valueOf(e.getMessage()).contains("takedown.txt, line 4"), e.getMessage());
    Files.writeString(folder.resolve(TakedownList.FILE), "file x\n");
    assertThrows(IndexException.class, () -> LiveIndex.open(folder, BUNDLE));
    Files.writeString(folder.resolve(TakedownList.FILE), "id s/00000\n");
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      SampleRows.rows(3, 1).forEach(writer::add);
      assertEquals(2, writer.commit());
    }
  }

  @Test
  void secondWriter_isRefused_andReadersGoOn() {
    Path folder = write(5);
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE)) {
      IndexException e = assertThrows(IndexException.class, () -> LiveIndex.open(folder, BUNDLE));
      assertTrue(String.valueOf(e.getMessage()).contains("is being written by another"));
      assertEquals(5, live.searches().size());
      try (SearchBackend reader = LuceneBackend.open(folder, BUNDLE)) {
        assertEquals(5, reader.size());
      }
    }
  }

  @Test
  void searches_whileAWriterAddsAndRemoves_neverFail() throws Exception {
    Path folder = write(50);
    AtomicBoolean done = new AtomicBoolean();
    UnitVector vector = SampleRows.vector(new Random(6), CLIP);
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE);
        var threads = Executors.newFixedThreadPool(3)) {
      var readers =
          java.util.stream.IntStream.range(0, 3)
              .mapToObj(_ ->
                  threads.submit(() -> {
                    int searched = 0;
                    while (!done.get()) {
                      int found =
                          live.searches()
                              .search(new RetrievalQuery(VectorField.CLIP, vector, 10, Set.of()))
                              .bestFirst()
                              .size();
                      assertEquals(10, found);
                      searched++;
                    }
                    return searched;
                  }))
              .toList();
      try {
        for (int i = 0; i < 40; i++) {
          live.add(List.of(SampleRows.row("live/" + i, vector)));
          live.remove(List.of(id("live/" + (i - 3))));
        }
      } finally {
        done.set(true);
      }
      for (var reader : readers) {
        assertTrue(reader.get() > 0);
      }
      assertEquals(53, live.searches().size());
    }
  }

  @Test
  void watch_turnsReadersToNewCommits_andPassesOverOthersBundles() throws Exception {
    Path folder = write(10);
    try (LuceneBackend reader = LuceneBackend.open(folder, BUNDLE);
        CommitWatch _ = CommitWatch.of(reader, Duration.ofMillis(20))) {
      IndexHeader other =
          new IndexHeader(new BundleStamp("other", "1", "0".repeat(64)), CLIP, GILL, folder);
      try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, other)) {
        SampleRows.rows(3, 1).forEach(writer::add);
        writer.commit();
      }
      try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
        SampleRows.rows(20, 1).forEach(writer::add);
        writer.commit();
      }
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (reader.size() == 10 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertEquals(20, reader.size());
    }
  }

  @Test
  void killedWhileWriting_theLastCommitIsThere_andWritingGoesOn() throws Exception {
    Path folder = write(10);
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                WriterToKill.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    int acknowledged = 0;
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      while (acknowledged < 6) {
        acknowledged = Integer.parseInt(String.valueOf(lines.readLine()));
      }
    } finally {
      child.destroyForcibly();
    }
    assertTrue(child.waitFor() != 0, "it would have gone on for ever");

    IndexCheck check = IndexCheck.of(folder);
    assertEquals(List.of(), check.faults());
    int commits = (check.images() - 10) / WriterToKill.BATCH;
    assertEquals(0, (check.images() - 10) % WriterToKill.BATCH, "whole commits only");
    assertTrue(commits >= acknowledged, "what was said to be committed is there");
    try (LiveIndex live = LiveIndex.open(folder, BUNDLE)) {
      assertEquals(check.images(), live.searches().size());
      live.add(List.of(SampleRows.row("after", SampleRows.vector(new Random(7), CLIP))));
    }
    try (SearchBackend backend = LuceneBackend.open(folder, BUNDLE)) {
      assertEquals(check.images() + 1, backend.size());
    }
  }

  /// Adds and commits until it is killed; prints the number of commits after each.
  static final class WriterToKill {
    static final int BATCH = 25;

    private WriterToKill() {}

    public static void main(String[] arguments) {
      try (LiveIndex live = LiveIndex.open(Path.of(arguments[0]), BUNDLE)) {
        for (int commit = 1; ; commit++) {
          for (int i = 0; i < BATCH; i++) {
            String id = "child/" + commit + "/" + i;
            Random random = new Random(id.hashCode());
            live.add(
                List.of(
                    new IndexedImage(
                        SampleRows.image(id, id, List.of()),
                        SampleRows.vector(random, CLIP),
                        SampleRows.vector(random, GILL))));
          }
          live.commit();
          System.out.println(commit);
        }
      }
    }
  }
}
