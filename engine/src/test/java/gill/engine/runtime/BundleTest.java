package gill.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.BundleException;
import gill.engine.testing.LeakGuard;
import gill.engine.testing.TinyBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakGuard.class)
class BundleTest {
  @TempDir Path directory;
  private Path folder;

  @BeforeEach
  void copy() {
    folder = TinyBundle.copyTo(directory);
  }

  private void edit(String from, String to) throws IOException {
    Path file = folder.resolve("bundle.json");
    String text = Files.readString(file);
    assertTrue(text.contains(from), () -> "bundle.json has no " + from);
    Files.writeString(file, text.replace(from, to));
  }

  private List<String> faults() {
    return assertThrows(BundleException.class, () -> Bundle.open(folder).close()).faults();
  }

  private void assertFault(String part) {
    List<String> faults = faults();
    assertTrue(faults.stream().anyMatch(f -> f.contains(part)), () -> part + " not in " + faults);
  }

  @Test
  void open_readsTheManifest() {
    try (Bundle bundle = Bundle.open(folder)) {
      BundleManifest manifest = bundle.manifest();
      assertEquals("tiny", manifest.name());
      assertEquals(64, manifest.languageModel().hiddenSize());
      assertEquals(-1, manifest.languageModel().bosTokenId());
      assertEquals(List.of(2), manifest.languageModel().eosTokenIds());
      assertEquals(4, manifest.gill().numImgTokens());
      assertEquals(6, manifest.gill().decisionFeatures().size());
      assertEquals(BundleManifest.Unconditional.ZEROS, manifest.diffusion().unconditional());
      assertEquals(0.5, manifest.clip().calibration().probability(0.3), 1e-9);
      assertEquals(64, bundle.fingerprint().length());
    }
  }

  @Test
  void models_areLoadedOnceAndClosedWithTheBundle() {
    Bundle bundle = Bundle.open(folder);
    OnnxModel model = bundle.model("gill/decision.onnx");
    assertSame(model, bundle.model("gill/decision.onnx"));
    assertSame(bundle.languageModel(), bundle.languageModel());
    assertSame(bundle.textTokenizer(), bundle.textTokenizer());
    bundle.close();
    bundle.close();
    assertThrows(IllegalStateException.class, () -> bundle.model("gill/decision.onnx"));
  }

  @Test
  void file_outsideTheManifest_isRefused() {
    try (Bundle bundle = Bundle.open(folder)) {
      assertThrows(IllegalArgumentException.class, () -> bundle.file("../secret"));
      assertThrows(IllegalArgumentException.class, () -> bundle.model("gill/none.onnx"));
    }
  }

  @Test
  void open_ofNoBundle_saysSo() {
    BundleException fault =
        assertThrows(
            BundleException.class, () -> Bundle.open(directory.resolve("nothing")).close());
    assertTrue(fault.getMessage().contains("is not a model bundle"), fault.getMessage());
  }

  @Test
  void open_ofAnotherFormat_isRefused() throws IOException {
    edit("\"format_version\": 1", "\"format_version\": 2");
    assertEquals(List.of("bundle.json says 2"), faults());
  }

  @Test
  void open_ofATamperedFile_namesIt() throws IOException {
    Path file = folder.resolve("gill/retrieval_image.onnx");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertFault("gill/retrieval_image.onnx must have SHA-256");
  }

  @Test
  void open_ofALongerFile_namesBothSizes() throws IOException {
    Path file = folder.resolve("scheduler/scheduler_config.json");
    Files.writeString(file, Files.readString(file) + " ");
    assertFault("scheduler/scheduler_config.json must have 99 bytes, has 100");
  }

  @Test
  void open_withoutAnImportedFile_saysHowToMakeIt() throws IOException {
    Files.delete(folder.resolve("language_model/weights.bin"));
    assertFault("language_model/weights.bin is missing");
    String row =
        Files.readString(folder.resolve("bundle.json"))
            .lines()
            .filter(line -> line.contains("weights.bin"))
            .findFirst()
            .orElseThrow();
    edit(row, row.replace("shipped", "imported"));
    assertFault("run `./gill models fetch`");
  }

  @Test
  void open_listsAllFaultsAtOnce() throws IOException {
    Files.delete(folder.resolve("gill/decision.onnx"));
    Files.writeString(folder.resolve("MODEL_CARD.md"), "other");
    edit("\"retrieval_dim\": 16", "\"retrieval_dim\": 17");
    edit("\"num_layers\": 2", "\"num_layers\": 3");
    String faults = String.join("\n", faults());
    for (String expected :
        List.of(
            "gill/decision.onnx is missing",
            "MODEL_CARD.md must have",
            "gill/retrieval_text.onnx: output 'query_embeds' must be [any, 17], is [-1, 16]",
            "gill/retrieval_image.onnx: output 'retrieval_embeds' must be [any, 17]",
            "language_model/model.onnx: input 'past_key_values.2.key' is missing",
            "language_model/model.onnx: output 'present.2.value' is missing")) {
      assertTrue(faults.contains(expected), () -> expected + " not in\n" + faults);
    }
  }

  @Test
  void open_listsAllFaultsOfTheManifest() throws IOException {
    edit("\"hidden_size\": 64", "\"hidden_size\": \"64\"");
    edit("\"chat_template\": \"chatml\"", "\"chat_template\": \"smoke_signals\"");
    edit("\"text_margin\"", "\"mood\"");
    edit("\"FlowMatchEulerDiscreteScheduler\"", "\"Crystal\"");
    edit("\"MODEL_CARD.md\"", "\"../MODEL_CARD.md\"");
    edit("\"min_confidence\": 0.0,", "");
    String faults = String.join("\n", faults());
    for (String expected :
        List.of(
            "language_model.hidden_size must be an integer",
            "language_model.chat_template must be one of [chatml, gill_qa], is \"smoke_signals\"",
            "gill.decision_features: 'mood' is unknown",
            "diffusion.scheduler: 'Crystal' is unknown",
            "'../MODEL_CARD.md' is not a relative path",
            "diffusion.min_confidence must be a number, is missing")) {
      assertTrue(faults.contains(expected), () -> expected + " not in\n" + faults);
    }
  }

  @Test
  void open_withAFutureKey_ignoresIt() throws IOException {
    edit("\"name\": \"tiny\"", "\"mood\": {\"blue\": true}, \"name\": \"tiny\"");
    Bundle.open(folder).close();
  }

  @Test
  void open_withOptionalKeys_readsThem() throws IOException {
    edit(
        "\"chat_template\": \"chatml\",",
        "\"chat_template\": \"chatml\", \"examples\": [{\"user\": \"u\", \"assistant\": \"a\"}],"
            + " \"sampling\": {\"temperature\": 0.4, \"top_p\": 0.9, \"repetition_penalty\": 1.1,"
            + " \"max_tokens\": 48, \"max_images\": 3}, \"reads_shown_images\": true,");
    try (Bundle bundle = Bundle.open(folder)) {
      var llm = bundle.manifest().languageModel();
      assertEquals(List.of(new BundleManifest.Example("u", "a")), llm.examples());
      assertEquals(0.4, llm.sampling().temperature());
      assertEquals(48, llm.sampling().maxTokens());
      assertEquals(3, llm.sampling().maxImages());
      assertTrue(llm.readsShownImages());
    }
  }

  @Test
  void open_withAnotherFingerprint_isRefused() throws IOException {
    String fingerprint;
    try (Bundle bundle = Bundle.open(folder)) {
      fingerprint = bundle.fingerprint();
    }
    edit("\"fingerprint\": \"" + fingerprint, "\"fingerprint\": \"" + "0".repeat(64));
    assertFault("fingerprint must be " + fingerprint);
  }

  @Test
  void verify_hashesEverything() {
    assertEquals("tiny", Bundle.verify(folder).name());
  }
}
