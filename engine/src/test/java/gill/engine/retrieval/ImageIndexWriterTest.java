package gill.engine.retrieval;

import static gill.engine.retrieval.SampleRows.BUNDLE;
import static gill.engine.retrieval.SampleRows.CLIP;
import static gill.engine.retrieval.SampleRows.GILL;
import static gill.engine.retrieval.SampleRows.HEADER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageId;
import gill.engine.flow.UnitVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageIndexWriterTest {
  @TempDir Path temporary;

  private static int write(Path folder, List<IndexedImage> rows) {
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      rows.forEach(writer::add);
      return writer.commit();
    }
  }

  private static int size(Path folder) {
    try (SearchBackend backend = LuceneBackend.open(folder, BUNDLE)) {
      return backend.size();
    }
  }

  @Test
  void notCommitted_leavesNoIndex() {
    Path folder = temporary.resolve("index");
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      SampleRows.rows(20, 1).forEach(writer::add);
      assertThrows(IndexException.class, () -> LuceneBackend.open(folder, BUNDLE));
    }
    assertThrows(IndexException.class, () -> LuceneBackend.open(folder, BUNDLE));
    assertEquals(20, write(folder, SampleRows.rows(20, 1)));
  }

  @Test
  void notCommitted_leavesTheFormerIndex() {
    Path folder = temporary.resolve("index");
    write(folder, SampleRows.rows(8, 2));
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      SampleRows.rows(20, 3).forEach(writer::add);
      assertEquals(8, size(folder));
    }
    assertEquals(8, size(folder));
  }

  @Test
  void commit_replacesTheFormerIndexAsAWhole() {
    Path folder = temporary.resolve("index");
    write(folder, SampleRows.rows(8, 4));
    assertEquals(3, write(folder, SampleRows.rows(3, 5)));
    assertEquals(3, size(folder));
  }

  @Test
  void commit_withoutImages_isRefused_andLeavesTheFormerIndex() {
    Path folder = temporary.resolve("index");
    write(folder, SampleRows.rows(8, 6));
    IndexException e = assertThrows(IndexException.class, () -> write(folder, List.of()));
    assertTrue(String.valueOf(e.getMessage()).startsWith("no image to index"), e.getMessage());
    assertEquals(8, size(folder));
  }

  @Test
  void update_addsReplacesAndRemoves() {
    Path folder = temporary.resolve("index");
    write(folder, SampleRows.rows(10, 7));
    try (ImageIndexWriter writer = ImageIndexWriter.update(folder, BUNDLE)) {
      assertEquals(HEADER, writer.header());
      writer.add(SampleRows.row("s/00001", SampleRows.vector(new Random(8), CLIP)));
      writer.add(SampleRows.row("new", SampleRows.vector(new Random(9), CLIP)));
      writer.remove(new ImageId("s/00002"));
      writer.remove(new ImageId("never/seen"));
      assertEquals(10, writer.commit());
    }
    try (SearchBackend backend = LuceneBackend.open(folder, BUNDLE)) {
      assertTrue(backend.find(new ImageId("new")).isPresent());
      assertTrue(backend.find(new ImageId("s/00002")).isEmpty());
    }
  }

  @Test
  void update_byAnotherBundle_isRefused() {
    Path folder = temporary.resolve("index");
    write(folder, SampleRows.rows(3, 10));
    assertThrows(
        IndexException.class,
        () -> ImageIndexWriter.update(folder, new BundleStamp("other", "1", "0".repeat(64))));
    assertEquals(3, size(folder));
  }

  @Test
  void secondWriter_isRefused_andTheFirstGoesOn() {
    Path folder = temporary.resolve("index");
    try (ImageIndexWriter first = ImageIndexWriter.replace(folder, HEADER)) {
      IndexException e =
          assertThrows(IndexException.class, () -> ImageIndexWriter.replace(folder, HEADER));
      assertTrue(String.valueOf(e.getMessage()).contains("being written by another indexing job"));
      SampleRows.rows(4, 11).forEach(first::add);
      assertEquals(4, first.commit());
    }
  }

  @Test
  void folderWithOtherFiles_isRefusedAndKept() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("photos"));
    Path photo = Files.writeString(folder.resolve("holiday.jpg"), "precious");
    IndexException e =
        assertThrows(IndexException.class, () -> ImageIndexWriter.replace(folder, HEADER));
    assertEquals(
        folder
            + " is not an index (it holds 'holiday.jpg') and will not be overwritten:"
            + " name an empty or new folder",
        e.getMessage());
    assertEquals("precious", Files.readString(photo));
    assertThrows(IndexException.class, () -> ImageIndexWriter.replace(photo, HEADER));
  }

  @Test
  void reportsInTheFolder_areNoObstacle() throws IOException {
    Path folder = temporary.resolve("index");
    write(folder, SampleRows.rows(2, 12));
    Files.writeString(folder.resolve("indexing-report.json"), "{}");
    Files.writeString(folder.resolve("indexing-failures.jsonl"), "");
    assertEquals(3, write(folder, SampleRows.rows(3, 13)));
  }

  @Test
  void wrongDimension_isRefused_andTheWriterGoesOn() {
    Path folder = temporary.resolve("index");
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER)) {
      UnitVector wrong = SampleRows.vector(new Random(14), GILL + 3);
      IndexedImage row = SampleRows.rows(1, 15).getFirst();
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> writer.add(row.image(), row.clip(), wrong));
      assertEquals("the index's gill vectors have 16 dimensions, got one of 19", e.getMessage());
      writer.add(row);
      assertEquals(1, writer.commit());
    }
  }

  @Test
  void fullDisk_atAnyMoment_keepsTheFormerIndexAndSaysSo() throws IOException {
    Path folder = temporary.resolve("index");
    write(folder, SampleRows.rows(8, 16));
    List<IndexedImage> rows = SampleRows.rows(400, 17);
    long needed = bytesWritten(rows);
    Set<String> former = files(folder);
    for (long space : List.of(0L, 100L, needed / 4, needed / 2, needed * 9 / 10, needed - 10)) {
      IndexException e = assertThrows(IndexException.class, () -> writeWithin(folder, rows, space));
      assertTrue(
          String.valueOf(e.getMessage()).contains("No space left on device"), e.getMessage());
      assertTrue(
          String.valueOf(e.getMessage()).contains("a former index is untouched"), e.getMessage());
      assertEquals(8, size(folder), "after a disk of " + space + " bytes");
      assertEquals(former, files(folder), "what was written goes, and frees its space");
    }
    assertEquals(400, write(folder, rows));
  }

  private static Set<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private long bytesWritten(List<IndexedImage> rows) throws IOException {
    Path folder = temporary.resolve("measured");
    AtomicLong space = new AtomicLong(Long.MAX_VALUE);
    try (ImageIndexWriter writer =
        ImageIndexWriter.replace(folder, HEADER, new SmallDisk(FSDirectory.open(folder), space))) {
      rows.forEach(writer::add);
      writer.commit();
    }
    return Long.MAX_VALUE - space.get();
  }

  private static void writeWithin(Path folder, List<IndexedImage> rows, long space)
      throws IOException {
    Directory disk = new SmallDisk(FSDirectory.open(folder), new AtomicLong(space));
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, HEADER, disk)) {
      rows.forEach(writer::add);
      writer.commit();
    }
  }

  /// A disk with so many bytes left.
  private static final class SmallDisk extends FilterDirectory {
    private final AtomicLong space;

    SmallDisk(Directory in, AtomicLong space) {
      super(in);
      this.space = space;
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      return limited(super.createOutput(name, context));
    }

    @Override
    public IndexOutput createTempOutput(String prefix, String suffix, IOContext context)
        throws IOException {
      return limited(super.createTempOutput(prefix, suffix, context));
    }

    private IndexOutput limited(IndexOutput out) {
      return new FilterIndexOutput("limited " + out, out.getName(), out) {
        @Override
        public void writeByte(byte b) throws IOException {
          take(1);
          super.writeByte(b);
        }

        @Override
        public void writeBytes(byte[] b, int offset, int length) throws IOException {
          take(length);
          super.writeBytes(b, offset, length);
        }
      };
    }

    private void take(int bytes) throws IOException {
      if (space.addAndGet(-bytes) < 0) {
        throw new IOException("No space left on device");
      }
    }
  }
}
