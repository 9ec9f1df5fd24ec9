package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.BUNDLE;
import static gill.engine.retrieval.SampleRows.CLIP;
import static gill.engine.retrieval.SampleRows.HEADER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexSnapshotTest {
  @TempDir Path temporary;
  private Path index = Path.of("");
  private Path snapshot = Path.of("");

  /// An index of two segments, one with a deletion.
  @BeforeEach
  void index() {
    index = temporary.resolve("index");
    snapshot = temporary.resolve("snapshot");
    try (ImageIndexWriter writer = ImageIndexWriter.replace(index, HEADER)) {
      SampleRows.rows(300, 1).forEach(writer::add);
      writer.commit();
    }
    try (LiveIndex live = LiveIndex.open(index, BUNDLE)) {
      live.add(List.of(SampleRows.row("late", SampleRows.vector(new Random(2), CLIP))));
      live.remove(List.of(id("s/00007")));
    }
  }

  private static ImageSelector id(String value) {
    return new ImageSelector(ImageSelector.Kind.ID, value);
  }

  private static Path largest(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  private static Path damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 0x10;
    Files.write(file, bytes);
    return file;
  }

  @Test
  void check_ofASoundIndex_listsItsSegments() {
    IndexCheck check = IndexCheck.of(index);
    assertTrue(check.sound(), check.faults().toString());
    assertEquals(300, check.images());
    assertEquals(2, check.segments().size());
    assertEquals(1, check.segments().getFirst().deleted());
    assertTrue(check.segments().stream().allMatch(s -> s.bytes() > 1000 && s.sound()));
  }

  @Test
  void check_namesTheDamagedSegment_andWhatIsLeft() throws IOException {
    String file = damage(largest(index)).getFileName().toString();
    IndexCheck check = IndexCheck.of(index);
    assertFalse(check.sound());
    String segment = file.replaceAll("^(_[a-z0-9]+).*", "$1");
    assertTrue(
        check.faults().getFirst().startsWith("segment " + segment + " is damaged"),
        check.faults().toString());
    assertEquals(1, check.images(), "the other segment's");
    assertThrows(IndexException.class, () -> IndexSnapshot.take(index, snapshot));
    assertEquals(0, snapshot.toFile().list().length, "nothing half made is left");
  }

  @Test
  void check_missingFileOrCommit_isAFault() throws IOException {
    Files.delete(largest(index));
    assertFalse(IndexCheck.of(index).sound());
    assertEquals(List.of("there is no commit in " + temporary), IndexCheck.of(temporary).faults());
    assertThrows(IndexException.class, () -> IndexCheck.of(temporary.resolve("none")));
  }

  @Test
  void snapshot_isAnIndexThatAnswersTheSame() {
    IndexSnapshot taken = IndexSnapshot.take(index, snapshot);
    assertEquals(300, taken.images());
    assertTrue(taken.bytes() > 10_000);
    RetrievalQuery query =
        new RetrievalQuery(VectorField.CLIP, SampleRows.vector(new Random(3), CLIP), 50, Set.of());
    try (SearchBackend original = LuceneBackend.open(index, BUNDLE);
        SearchBackend copy = LuceneBackend.open(snapshot, BUNDLE)) {
      assertEquals(original.search(query), copy.search(query));
      assertEquals(original.header(), copy.header());
    }
  }

  @Test
  void snapshot_whileAServerWrites_holdsTheLastCommit() {
    try (LiveIndex live = LiveIndex.open(index, BUNDLE)) {
      live.add(List.of(SampleRows.row("uncommitted", SampleRows.vector(new Random(4), CLIP))));
      assertEquals(300, IndexSnapshot.take(index, snapshot).images());
      assertEquals(301, live.searches().size());
    }
  }

  @Test
  void snapshot_intoAFolderThatHoldsSomething_isRefused() throws IOException {
    Files.createDirectory(snapshot);
    Path precious = Files.writeString(snapshot.resolve("letter.txt"), "precious");
    assertThrows(IndexException.class, () -> IndexSnapshot.take(index, snapshot));
    assertThrows(IndexException.class, () -> IndexSnapshot.take(index, precious));
    assertEquals("precious", Files.readString(precious));
  }

  @Test
  void restore_bringsBackWhatWasLost_butNotWhatWasTakenDown() {
    IndexSnapshot.take(index, snapshot);
    try (LiveIndex live = LiveIndex.open(index, BUNDLE)) {
      live.remove(List.of(id("s/00001"), id("s/00002")));
      live.takeDown(List.of(id("s/00003")));
    }
    try (LuceneBackend reader = LuceneBackend.open(index, BUNDLE)) {
      assertEquals(297, reader.size());
      assertEquals(299, IndexSnapshot.restore(snapshot, index));
      assertEquals(297, reader.size(), "until it looks");
      assertTrue(reader.refresh());
      assertTrue(reader.find(new ImageId("s/00001")).isPresent());
      assertTrue(reader.find(new ImageId("s/00003")).isEmpty());
      assertTrue(reader.find(new ImageId("late")).isPresent());
      assertEquals(HEADER, reader.header());
    }
    assertTrue(IndexCheck.of(index).sound());
  }

  @Test
  void restore_damagedSnapshot_orWhileAnotherWrites_isRefused_andTheIndexStays()
      throws IOException {
    IndexSnapshot.take(index, snapshot);
    try (LiveIndex live = LiveIndex.open(index, BUNDLE)) {
      IndexException e =
          assertThrows(IndexException.class, () -> IndexSnapshot.restore(snapshot, index));
      assertTrue(String.valueOf(e.getMessage()).contains("is being written"), e.getMessage());
      assertEquals(300, live.searches().size());
    }
    assertThrows(IndexException.class, () -> IndexSnapshot.restore(index, index));
    damage(largest(snapshot));
    assertThrows(IndexException.class, () -> IndexSnapshot.restore(snapshot, index));
    assertEquals(300, IndexCheck.of(index).images());
  }
}
