package gill.indexer.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusSourceTest {
  @TempDir Path folder;

  private static List<CorpusEntry> entries(CorpusSource source) {
    try (Stream<CorpusRow> rows = source.rows()) {
      return rows.map(row -> assertInstanceOf(CorpusRow.Described.class, row).entry()).toList();
    }
  }

  private static List<String> ids(CorpusSource source) {
    return entries(source).stream().map(entry -> entry.id().value()).toList();
  }

  private Path touch(String file) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.createFile(path);
  }

  @Test
  void folder_listsImagesOfAnyCase_sorted_withoutHiddenOnes() throws IOException {
    for (String file :
        List.of("b.PNG", "a.jpeg", "z/y.webp", "c.txt", ".hidden.png", ".git/x.png", "png")) {
      touch(file);
    }
    CorpusSource source = CorpusSource.open(folder);
    assertEquals(List.of("a.jpeg", "b.PNG", "z/y.webp"), ids(source));
    assertEquals(3, source.count());
    assertEquals(folder, source.root());
  }

  @Test
  void folder_linksAreFollowed_andCirclesFail() throws IOException {
    touch("real/a.png");
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
    Files.createSymbolicLink(folder.resolve("real/circle"), folder);
    List<CorpusRow> rows;
    try (Stream<CorpusRow> stream = CorpusSource.open(folder).rows()) {
      rows = stream.toList();
    }
    assertEquals(2, rows.stream().filter(row -> row instanceof CorpusRow.Described).count());
    List<String> reasons =
        rows.stream()
            .filter(row -> row instanceof CorpusRow.Broken)
            .map(row -> ((CorpusRow.Broken) row).failure().reason())
            .distinct()
            .toList();
    assertEquals(List.of("unreadable_file"), reasons);
  }

  @Test
  void folder_captions_comeFromTextFilesOrNames() throws IOException {
    touch("red-apple_02.png");
    touch("bigDog.jpg");
    touch("x.png");
    Files.writeString(folder.resolve("x.txt"), "\uFEFF  two\n words ");
    touch("y.png");
    Files.writeString(folder.resolve("y.txt"), " \n");
    assertEquals(
        List.of("big Dog", "red apple 02", "two words", "y"),
        entries(CorpusSource.open(folder)).stream().map(CorpusEntry::caption).toList());
  }

  @Test
  void folderWithManifest_isReadByIt() throws IOException {
    touch("unlisted.png");
    Files.writeString(folder.resolve("manifest.jsonl"), "{\"file\": \"sub/listed_one.png\"}\n");
    CorpusEntry only = entries(CorpusSource.open(folder)).getFirst();
    assertEquals("sub/listed_one.png", only.id().value());
    assertEquals("listed one", only.caption());
  }

  @Test
  void manifest_gzippedOrNot_isTheSame() throws IOException {
    String lines =
        "{\"id\":\"a\",\"file\":\"a.png\",\"caption\":\"Ä 名\"}\n\n{\"id\":\"b\",\"file\":\"b.png\"}";
    Path plain = Files.writeString(folder.resolve("list.jsonl"), lines);
    Path zipped = Files.write(folder.resolve("list.jsonl.gz"), gzip(lines));
    assertEquals(entries(CorpusSource.open(plain)), entries(CorpusSource.open(zipped)));
    assertEquals("Ä 名", entries(CorpusSource.open(zipped)).getFirst().caption());
    assertEquals(2, CorpusSource.open(zipped).count());
    assertEquals(folder, CorpusSource.open(zipped).root());
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void manifest_cutShort_isRefusedBeforeTheWork() throws IOException {
    byte[] whole = gzip("{\"file\":\"a.png\"}\n".repeat(1000));
    Path cut = Files.write(folder.resolve("cut.jsonl.gz"), Arrays.copyOf(whole, whole.length - 10));
    CorpusException e = assertThrows(CorpusException.class, () -> CorpusSource.open(cut).count());
    assertTrue(String.valueOf(e.getMessage()).startsWith("cannot read the manifest " + cut));
  }

  @Test
  void manifest_brokenUtf8_spoilsItsLineAlone() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write("{\"file\":\"a.png\"}\n{\"file\":\"".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xff);
    bytes.write("\"}\n{\"file\":\"c.png\"}\n".getBytes(StandardCharsets.UTF_8));
    Path manifest = Files.write(folder.resolve("m.jsonl"), bytes.toByteArray());
    try (Stream<CorpusRow> rows = CorpusSource.open(manifest).rows()) {
      assertEquals(
          List.of(false, true, false), rows.map(row -> row instanceof CorpusRow.Broken).toList());
    }
  }

  @Test
  void neitherFolderNorManifest_isRefused() throws IOException {
    assertThrows(CorpusException.class, () -> CorpusSource.open(folder.resolve("none")));
    Path text = touch("x.xlsx");
    CorpusException e = assertThrows(CorpusException.class, () -> CorpusSource.open(text));
    assertEquals(
        text
            + " is neither a folder of images nor a manifest (*.jsonl, *.jsonl.gz, *.csv, *.tsv,"
            + " *.parquet) nor a list of addresses (*.txt) nor an archive (*.tar)",
        e.getMessage());
  }
}
