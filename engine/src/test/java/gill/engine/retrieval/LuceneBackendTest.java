package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.BUNDLE;
import static gill.engine.retrieval.SampleRows.CLIP;
import static gill.engine.retrieval.SampleRows.HEADER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneBackendTest extends SearchBackendContract {
  @TempDir Path temporary;

  private int folders;

  private Path write(List<IndexedImage> rows) {
    Path folder = temporary.resolve("index" + folders++);
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      rows.forEach(writer::add);
      writer.commit();
    }
    return folder;
  }

  @Override
  SearchBackend backend(List<IndexedImage> rows) {
    return LuceneBackend.open(write(rows), BUNDLE);
  }

  private static String refusal(Path folder) {
    return String.valueOf(
        assertThrows(IndexException.class, () -> LuceneBackend.open(folder, BUNDLE)).getMessage());
  }

  @Test
  void graphSearch_recallAt10_isAtLeast97Percent() {
    Random random = new Random(40);
    // Clustered as embeddings are: 200 centres and noise around them.
    List<UnitVector> centres = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      centres.add(SampleRows.vector(random, CLIP));
    }
    List<IndexedImage> rows = new ArrayList<>();
    for (int i = 0; i < 6000; i++) {
      rows.add(SampleRows.row("r/" + i, near(centres.get(i % 200), random)));
    }
    int same = 0;
    int rounds = 100;
    try (SearchBackend lucene = backend(rows);
        SearchBackend exact = ExactBackend.of(HEADER, rows)) {
      for (int i = 0; i < rounds; i++) {
        RetrievalQuery query =
            new RetrievalQuery(
                VectorField.CLIP, near(centres.get(i), random), 10, Set.of(new ImageId("r/3")));
        Set<ImageId> found = new HashSet<>();
        lucene.search(query).bestFirst().forEach(hit -> found.add(hit.id()));
        assertEquals(10, found.size());
        same +=
            exact.search(query).bestFirst().stream()
                .map(Hit::id)
                .filter(found::contains)
                .toList()
                .size();
      }
    }
    assertTrue(same >= 0.97 * 10 * rounds, "recall@10 was " + same / (10.0 * rounds));
  }

  private static UnitVector near(UnitVector centre, Random random) {
    float[] values = centre.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.1 * random.nextGaussian());
    }
    return UnitVector.normalise(values);
  }

  @Test
  void open_otherFingerprint_saysWhoMadeItAndWhatToDo() {
    Path folder = write(SampleRows.rows(3, 41));
    BundleStamp other = new BundleStamp("other", "2.0.0", "e".repeat(64));
    String message =
        assertThrows(IndexException.class, () -> LuceneBackend.open(folder, other)).getMessage();
    assertEquals(
        "the index "
            + folder
            + " was made by the bundle sample 1.0.0 (fingerprint ffffffffffff),"
            + " but the bundle is other 2.0.0 (fingerprint eeeeeeeeeeee): their vectors do not"
            + " compare. Index again: ./gill index <folder or manifest.jsonl> --out "
            + folder
            + ", or open it with the bundle that made it",
        message);
  }

  @Test
  void open_missingFolder_saysHowToMakeOne() {
    String message = refusal(temporary.resolve("none"));
    assertTrue(message.startsWith("there is no index folder "), message);
    assertTrue(message.contains("./gill index"), message);
  }

  @Test
  void open_emptyFolder_isNoIndex() throws IOException {
    String message = refusal(Files.createDirectory(temporary.resolve("empty")));
    assertTrue(message.contains("holds no index"), message);
  }

  @Test
  void open_foreignLuceneIndex_isRefused() throws IOException {
    Path folder = temporary.resolve("foreign");
    try (IndexWriter writer = new IndexWriter(FSDirectory.open(folder), new IndexWriterConfig())) {
      writer.addDocument(new Document());
    }
    assertTrue(refusal(folder).contains("not one of images"));
  }

  private Path writeAsVersion(String version, List<IndexedImage> rows) throws IOException {
    Path folder = write(rows);
    try (var directory = FSDirectory.open(folder);
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      var data = CommitData.of(HEADER, folder, rows.size());
      data.put("gill.format_version", version);
      writer.setLiveCommitData(data.entrySet());
      writer.commit();
    }
    return folder;
  }

  @Test
  void open_otherFormatVersion_isRefused() throws IOException {
    Path folder = writeAsVersion("1", SampleRows.rows(2, 42));
    String message = refusal(folder);
    assertTrue(message.contains("has format version 1, this program reads 3"), message);
    assertTrue(message.contains("./gill index"), message);
    assertThrows(IndexException.class, () -> IndexUpgrade.of(folder));
  }

  @Test
  void upgrade_ofTheVersionBefore_keepsEveryImageAndItsVectors() throws IOException {
    List<IndexedImage> rows = SampleRows.rows(30, 45);
    Path folder = writeAsVersion("2", rows);
    assertTrue(refusal(folder).contains("./gill corpus upgrade --index " + folder));
    assertEquals(30, IndexUpgrade.of(folder));
    try (SearchBackend backend = LuceneBackend.open(folder, SampleRows.BUNDLE)) {
      assertEquals(30, backend.searchText("picture", 100, Set.of()).size());
      for (IndexedImage row : rows) {
        assertEquals(Optional.of(row.image()), backend.find(row.image().id()));
        for (VectorField field : VectorField.values()) {
          assertEquals(
              row.vector(field),
              backend.vectors(field, List.of(row.image().id())).get(row.image().id()));
        }
      }
    }
  }

  @Test
  void open_anyFileCutShort_isRefusedAsDamaged() throws IOException {
    Path folder = write(SampleRows.rows(200, 43));
    for (Path file : luceneFiles(folder)) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
      String message = refusal(folder);
      assertTrue(message.contains("damaged") || message.contains("holds no index"), message);
      assertTrue(message.contains("Index again"), message);
      Files.write(file, whole);
    }
    LuceneBackend.open(folder, BUNDLE).close();
  }

  @Test
  void open_anyFileWithAFlippedBit_isRefusedAsDamaged() throws IOException {
    Path folder = write(SampleRows.rows(200, 44));
    for (Path file : luceneFiles(folder)) {
      byte[] whole = Files.readAllBytes(file);
      byte[] flipped = whole.clone();
      flipped[whole.length / 2] ^= 0x10;
      Files.write(file, flipped);
      assertTrue(refusal(folder).contains("Index again"), file.toString());
      Files.write(file, whole);
    }
  }

  @Test
  void open_anyFileMissing_isRefused() throws IOException {
    Path folder = write(SampleRows.rows(20, 45));
    for (Path file : luceneFiles(folder)) {
      Path aside = temporary.resolve("aside");
      Files.move(file, aside);
      assertTrue(refusal(folder).contains("Index again"), file.toString());
      Files.move(aside, file);
    }
  }

  private static List<Path> luceneFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> !file.endsWith("write.lock")).sorted().toList();
    }
  }

  @Test
  void reopened_answersTheSame() {
    List<IndexedImage> rows = SampleRows.rows(100, 46);
    Path folder = write(rows);
    RetrievalQuery query = new RetrievalQuery(VectorField.CLIP, rows.get(3).clip(), 9, Set.of());
    try (SearchBackend first = LuceneBackend.open(folder, BUNDLE);
        SearchBackend second = LuceneBackend.open(folder, BUNDLE)) {
      assertEquals(first.search(query), second.search(query));
      assertEquals("s/00003", first.search(query).bestFirst().getFirst().id().value());
    }
  }

  @Test
  void close_closesTheReader_alsoAfterRefusals() {
    Path folder = write(SampleRows.rows(10, 47));
    LuceneBackend backend = LuceneBackend.open(folder, BUNDLE);
    DirectoryReader reader = backend.reader();
    assertEquals(1, reader.getRefCount());
    backend.close();
    assertEquals(0, reader.getRefCount());
  }

  @Test
  void refresh_turnsToANewIndexOfTheSameFolder() {
    Path folder = write(SampleRows.rows(10, 48));
    try (LuceneBackend backend = LuceneBackend.open(folder, BUNDLE)) {
      DirectoryReader before = backend.reader();
      assertFalse(backend.refresh());
      IndexHeader moved =
          new IndexHeader(BUNDLE, CLIP, SampleRows.GILL, temporary.resolve("elsewhere"));
      try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, moved)) {
        SampleRows.rows(25, 49).forEach(writer::add);
        writer.commit();
      }
      assertEquals(10, backend.size());
      assertTrue(backend.refresh());
      assertEquals(25, backend.size());
      assertEquals(moved.imageRoot(), backend.imageRoot());
      assertEquals(0, before.getRefCount());
    }
  }

  @Test
  void refresh_commitOfAnotherBundle_isRefused_andThePresentStays() {
    Path folder = write(SampleRows.rows(10, 50));
    try (LuceneBackend backend = LuceneBackend.open(folder, BUNDLE)) {
      IndexHeader other =
          new IndexHeader(
              new BundleStamp("other", "1", "0".repeat(64)), CLIP, SampleRows.GILL, Path.of("/"));
      try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, other)) {
        SampleRows.rows(5, 51).forEach(writer::add);
        writer.commit();
      }
      assertThrows(IndexException.class, backend::refresh);
      assertEquals(10, backend.size());
      assertEquals(
          10,
          backend
              .search(
                  new RetrievalQuery(
                      VectorField.CLIP, SampleRows.vector(new Random(1), CLIP), 50, Set.of()))
              .bestFirst()
              .size());
    }
  }

  @Test
  void imageRoot_movesWithTheIndex() throws IOException {
    Path home = Files.createDirectories(temporary.resolve("home"));
    Files.createDirectory(home.resolve("pictures"));
    Path folder = home.resolve("index");
    IndexHeader header = new IndexHeader(BUNDLE, CLIP, SampleRows.GILL, home.resolve("pictures"));
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, header)) {
      SampleRows.rows(2, 52).forEach(writer::add);
      writer.commit();
    }
    Path moved = temporary.resolve("moved");
    Files.move(home, moved);
    try (SearchBackend backend = LuceneBackend.open(moved.resolve("index"), BUNDLE)) {
      assertEquals(moved.resolve("pictures"), backend.imageRoot());
    }
  }
}
