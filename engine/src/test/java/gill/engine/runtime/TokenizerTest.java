package gill.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.BundleException;
import gill.engine.testing.LeakGuard;
import gill.engine.testing.TinyBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakGuard.class)
class TokenizerTest {
  @TempDir Path directory;
  private Path bundle;

  @BeforeEach
  void copy() {
    bundle = TinyBundle.copyTo(directory);
  }

  @Test
  void encodeWhole_padsNothingAndCutsToTheLength() {
    // The file itself asks for padding to 64.
    try (Tokenizer tokenizer = Tokenizer.load(bundle.resolve("text_encoder/tokenizer.json"), 6)) {
      assertEquals(4, tokenizer.encodeWhole("ab").length);
      int[] cut = tokenizer.encodeWhole("abcdefghijklmnop");
      assertEquals(6, cut.length);
      assertEquals(2, cut[0], "[CLS] stays");
      assertEquals(3, cut[5], "[SEP] stays");
      assertEquals(2, tokenizer.encodeWhole("").length);
    }
  }

  @Test
  void decode_givesTheTextBackWithoutSpecialTokens() {
    try (Tokenizer tokenizer = Tokenizer.load(bundle.resolve("language_model/tokenizer.json"))) {
      String text = "the user's naïve 猫 🍎";
      assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
      assertEquals("hi", tokenizer.decode(tokenizer.encode("<|im_start|>hi<|im_end|>")));
      assertEquals("", tokenizer.decode());
      assertArrayEquals(new int[0], tokenizer.encode(""));
    }
  }

  @Test
  void startsSpecial_knowsTheFilesSpecialTokens() {
    try (Tokenizer tokenizer = Tokenizer.load(bundle.resolve("language_model/tokenizer.json"))) {
      assertTrue(tokenizer.startsSpecial("a<|im_end|>", 1));
      assertFalse(tokenizer.startsSpecial("a<|im_end|>", 0));
    }
  }

  @Test
  void load_ofNoTokenizer_isAFault() throws IOException {
    assertThrows(
        BundleException.class, () -> Tokenizer.load(directory.resolve("none.json")).close());
    Path broken = Files.writeString(directory.resolve("broken.json"), "{\"model\": 1}");
    assertThrows(BundleException.class, () -> Tokenizer.load(broken).close());
  }
}
